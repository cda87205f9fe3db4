"""Widgets of descent on a surface."""

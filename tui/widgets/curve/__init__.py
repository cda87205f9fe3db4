"""Widgets of the lessons on curves."""

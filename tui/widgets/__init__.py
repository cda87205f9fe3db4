"""Widgets: each owns its drawing, its keys and its messages."""

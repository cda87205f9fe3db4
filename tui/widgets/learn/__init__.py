"""Widgets of the lesson itself: list, text, code, settings."""

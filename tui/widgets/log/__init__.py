"""Widgets of logs and of past runs."""

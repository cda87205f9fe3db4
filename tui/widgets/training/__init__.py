"""Widgets of a classifier's training."""

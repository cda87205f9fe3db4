"""The lab, the screen where lessons run: its panes, its keys, and its background work."""

"""The Textual app: its class, its command palette, and its handling of failures in its parts."""

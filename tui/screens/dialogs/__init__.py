"""The dialogs: one file each, on one base."""

"""The two screens, lab and log viewer, on one base; the splash, the command palette and the dialogs."""

"""The log viewer, the screen that shows runs from their logs."""

"""Runs without the app: plain, Rich and JSON reports, progress, signals, daemons."""

"""What people would use instead: a small program each, run as a process of its own that answers a round at a time."""

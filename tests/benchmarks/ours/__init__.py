"""What gdtui does of the same work, each a process of its own that answers one round at a time."""

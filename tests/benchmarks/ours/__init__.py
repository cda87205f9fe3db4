"""gdtui's side of the work, each in its own process that answers one round at a time."""

"""The alternatives that people use: small programs, each run in its own process that answers one round at a time."""

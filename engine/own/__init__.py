"""A learner's own code: typed expressions, and functions from a Python file."""

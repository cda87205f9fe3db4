"""TensorBoard logs: writing, reading, following, summarising."""

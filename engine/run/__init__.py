"""One run and its folder: the engine thread, commands, sinks, record, checkpoints, resuming, the TensorBoard server."""

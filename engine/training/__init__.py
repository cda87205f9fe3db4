"""Training of networks: models, layers, the compiled loop, datasets, devices, distribution."""

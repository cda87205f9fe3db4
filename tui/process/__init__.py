"""The process of a run: standard streams, environment, exit codes, options, jobs."""

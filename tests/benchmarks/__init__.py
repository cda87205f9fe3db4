"""The benchmarks of gdtui, beside the alternatives that people use: `python -m tests.benchmarks`, or `make bench`."""

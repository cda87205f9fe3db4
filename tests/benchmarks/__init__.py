"""What gdtui's figures are, beside what people would use instead: `python -m tests.benchmarks`, or `make bench`."""

"""The command line: the entry point, the parser, and options derived from settings."""

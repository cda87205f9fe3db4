"""The user interfaces: the command line, the headless run and the terminal app."""

"""What a person sees: the command line, the headless run and the terminal app."""

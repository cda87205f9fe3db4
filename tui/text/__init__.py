"""Text for a terminal: cleaning, ASCII, fitting to a width, numbers in words, Markdown."""

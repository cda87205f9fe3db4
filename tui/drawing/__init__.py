"""Pure drawing: numbers in, cells out; nothing here knows an app."""

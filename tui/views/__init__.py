"""The view data of panes, frozen, and the functions that build it."""

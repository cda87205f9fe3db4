"""Files that `gdtui new` writes."""

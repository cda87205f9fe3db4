"""The data files of the program: lesson texts and the two datasets."""

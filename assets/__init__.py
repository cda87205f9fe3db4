"""What ships beside the code: lesson texts and the two datasets."""

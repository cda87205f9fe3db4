"""The state of the app: pure folds over events and over log records. No Textual import."""

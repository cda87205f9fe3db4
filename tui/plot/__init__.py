"""Drawing: functions from numbers to cells, independent of the app."""

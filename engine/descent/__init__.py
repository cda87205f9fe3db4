"""Descent on functions of one and two variables: functions, optimizers, compiled programs, races, basins."""

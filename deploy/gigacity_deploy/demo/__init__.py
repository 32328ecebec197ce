"""The demo: a whole system as child processes, watched, and checked against the ground truth."""

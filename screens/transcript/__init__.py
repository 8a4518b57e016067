"""Read a run: its messages, what led to them, and where to go from there."""

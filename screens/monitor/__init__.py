"""The monitor: what is being played, and one run in focus."""

"""The kinds of experiment: what a user writes, and what happens."""

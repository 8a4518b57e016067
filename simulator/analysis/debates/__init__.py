"""How well debates went: grading, accuracy by debater and round, agreement, comparisons."""

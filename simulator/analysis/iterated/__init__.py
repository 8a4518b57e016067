"""Iterated learning: worlds to learn in, exact Bayesian learners, and what runs came to."""

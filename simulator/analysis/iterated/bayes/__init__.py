"""Exact Bayesian learners in the place of models: what theory says of chains of them."""

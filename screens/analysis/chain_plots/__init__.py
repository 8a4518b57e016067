"""Plots of chains of texts, the live twins of the figures; `catalogue.PLOTS` has them by name."""

"""Figures of chains of texts, for papers; `catalogue.FIGURES` has them by name."""

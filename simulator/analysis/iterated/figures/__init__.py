"""Figures of iterated learning."""

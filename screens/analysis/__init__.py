"""Counts and plots of an experiment's runs."""

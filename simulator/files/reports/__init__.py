"""Chains of texts and transcripts as one HTML file that needs no network."""

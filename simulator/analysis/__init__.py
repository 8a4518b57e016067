"""Measures of transcripts."""

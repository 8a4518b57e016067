"""Plays kinds on a journal: stage, replay, control, fork, verify."""

"""Debates: debaters answer, read each other, answer again, and are scored."""

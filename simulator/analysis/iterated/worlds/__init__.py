"""Worlds in which rules are learnt from examples, each behind `base.World`."""

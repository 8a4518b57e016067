"""Iterated learning: a rule is learnt from data and data are made from the rule, on and on."""

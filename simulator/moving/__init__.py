"""Copies experiments with their batches, runs and journals from one store into another.

Nothing that the target has is overwritten or deleted: a copy that was stopped anywhere is done
again and goes on, and two stores are merged by copying each into the other.
"""

"""Writes studies of a store as bundles, and reads them back into any store."""

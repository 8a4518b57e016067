"""Bundles: folders or ZIP files with everything that is needed to repeat a study."""

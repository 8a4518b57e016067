"""The five original studies played again: their grids, what was published, and how ours compare."""

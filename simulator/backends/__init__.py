"""Models behind one port; each imports what it needs when it is opened."""

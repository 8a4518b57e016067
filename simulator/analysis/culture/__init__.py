"""What becomes of texts that models pass on to each other."""

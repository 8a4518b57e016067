"""The list of experiments, with one in detail, and all that is done with them."""

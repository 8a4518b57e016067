"""Which models can be used: a list, what is known of one, downloads, tries and checks."""

"""Makes the pocket model: corpus, training, evaluation. Needs torch and transformers."""

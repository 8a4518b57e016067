"""Where experiments, runs and journals are kept."""

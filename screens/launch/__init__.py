"""Choose what to run of an experiment, see what that takes, and start it."""

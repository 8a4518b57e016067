"""What the original program keeps in MongoDB, as experiments, runs and messages of ours."""

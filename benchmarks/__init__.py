"""What the product promises, measured. `python -m benchmarks` runs everything."""

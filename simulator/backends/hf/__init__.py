"""Models of Hugging Face, run in this process with PyTorch."""

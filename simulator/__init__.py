"""The engine room of the LLM Interaction Simulator: everything but the screens."""

__version__ = "0.1.0"

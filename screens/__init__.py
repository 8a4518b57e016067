"""The full-screen terminal application; the only package that may import Textual."""

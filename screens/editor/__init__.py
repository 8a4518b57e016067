"""The editor of designs: a form and the file, side by side."""

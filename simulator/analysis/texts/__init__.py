"""What can be measured of a text by itself."""

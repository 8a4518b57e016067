"""Values, rules, events and ports: no input or output, no clock, no global randomness."""

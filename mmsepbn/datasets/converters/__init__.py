"""Public collections laid out as data sets."""

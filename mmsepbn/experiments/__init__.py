"""Tables of runs: define, run and show them."""

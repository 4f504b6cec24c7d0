"""Values that tools/fit_boxes.py fits for a network, stored next to its weights."""

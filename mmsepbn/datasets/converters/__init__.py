"""Convert public collections to data sets."""

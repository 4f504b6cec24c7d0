"""Checkpoints as files: reading them as data, finding the last, what fits a network."""

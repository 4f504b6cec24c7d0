"""What needs a GPU, in parts that each have a share of the time."""

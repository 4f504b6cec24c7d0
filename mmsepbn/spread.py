"""Choose a few of many."""

import numpy as np


def spread(count: int, most: int) -> list[int]:
    """At most ``most`` places of ``count``, evenly spaced from the first to the last."""
    return np.linspace(0, count - 1, min(count, most)).round().astype(int).tolist()

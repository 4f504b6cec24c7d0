"""Seeding of numpy's global generator for one sample."""

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np


@contextmanager
def numpy_seeded(*key: int) -> Iterator[None]:
    """Within the block numpy's global generator depends on ``key`` alone; afterwards it goes on as before."""
    state = np.random.get_state()
    np.random.seed(np.random.SeedSequence(key).generate_state(4))
    try:
        yield
    finally:
        np.random.set_state(state)

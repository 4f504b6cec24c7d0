"""Seeding of the global random generators for one sample."""

import random
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch


@contextmanager
def seeded(*key: int) -> Iterator[None]:
    """Within the block random numbers depend on ``key`` alone; afterwards the generators go on as before.

    Covers the global generators of numpy, Python and torch (CPU), whichever a transform draws from.
    """
    states = np.random.get_state(), random.getstate(), torch.get_rng_state()
    words = np.random.SeedSequence(key).generate_state(6)
    np.random.seed(words[:4])
    random.seed(int(words[4]))
    torch.default_generator.manual_seed(int(words[5]))
    try:
        yield
    finally:
        np.random.set_state(states[0])
        random.setstate(states[1])
        torch.set_rng_state(states[2])

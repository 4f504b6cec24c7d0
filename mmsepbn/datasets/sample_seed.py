"""Seeding of the global random generators for one sample."""

import random
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch


@contextmanager
def seeded(*key: int) -> Iterator[None]:
    """Within the block random numbers depend only on ``key``; afterwards the generators continue as before."""
    with kept_generators():
        seed_generators(*key)
        yield


def seed_generators(*key: int) -> None:
    """Make random numbers a function of ``key``: those of the global generators of numpy, Python and torch (CPU)."""
    words = np.random.SeedSequence(key).generate_state(6)
    np.random.seed(words[:4])
    random.seed(int(words[4]))
    torch.default_generator.manual_seed(int(words[5]))


@contextmanager
def kept_generators() -> Iterator[None]:
    """Whatever is drawn within the block, the global generators continue afterwards as before."""
    states = np.random.get_state(), random.getstate(), torch.get_rng_state()
    try:
        yield
    finally:
        np.random.set_state(states[0])
        random.setstate(states[1])
        torch.set_rng_state(states[2])

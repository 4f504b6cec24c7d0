"""Drawing faces from several data sets."""

import math
from collections.abc import Iterator, Sequence
from itertools import chain

import numpy as np
from mmengine.dist import get_dist_info, sync_random_seed
from numpy.typing import NDArray
from torch.utils.data import Sampler

from mmsepbn.datasets.multi_protocol import MultiProtocolDataset
from mmsepbn.registry import DATA_SAMPLERS

_AT_ONCE = 1 << 14  # draws


def draw_indices(sizes: Sequence[int], exponent: float, count: int, seed: int, epoch: int) -> NDArray[np.int64]:
    """``count`` face indices of the concatenated sets, a pure function of its arguments.

    Each draw picks a set with probability proportional to ``size ** exponent``, then that set's next face in a random
    order; a set whose faces are used up starts a new order.
    """
    rng = np.random.default_rng((seed, epoch))
    weights = _weights(sizes, exponent)
    shares = weights / weights.sum()
    chosen = np.empty(count, np.min_scalar_type(len(sizes)))
    for part in _parts(count):
        chosen[part] = rng.choice(len(sizes), size=len(chosen[part]), p=shares)
    indices = np.empty(count, np.int64)
    for place, (size, start) in enumerate(zip(sizes, np.cumsum([0, *sizes[:-1]]), strict=True)):
        slots = np.flatnonzero(chosen == place)
        for done in range(0, len(slots), size):
            indices[slots[done : done + size]] = rng.permutation(size)[: len(slots) - done]
        indices[slots] += start
    return indices


def _weights(sizes: Sequence[int], exponent: float) -> NDArray[np.float64]:
    with np.errstate(over='ignore'):  # the sampler refuses it
        return np.array(sizes, np.float64) ** exponent


def _parts(count: int) -> Iterator[slice]:
    """Slices of a row of ``count``, each so short that what is made of it takes little memory."""
    return (slice(start, start + _AT_ONCE) for start in range(0, count, _AT_ONCE))


@DATA_SAMPLERS.register_module()
class ProportionalMultiDatasetSampler(Sampler[int]):
    """Draw faces so that each data set is met in proportion to ``size ** exponent`` (paper Sec. IV: exponent 1).

    An epoch is as many faces as there are, rounded up so that all ranks get equally many. Its order is a function of
    seed and epoch, of which each rank takes every ``world_size``-th face, so a resumed run continues it. Nothing is
    kept between epochs; within one a rank keeps 8 bytes for each face that it draws.

    Args:
        dataset: the union of sets.
        exponent: 1 proportional to size, 0 all sets alike, between them as in multilingual training.
        seed: None: drawn once and shared by all ranks.

    Raises:
        TypeError: another kind of data set. ValueError: a parameter out of its range.
    """

    def __init__(self, dataset: MultiProtocolDataset, exponent: float = 1.0, seed: int | None = None) -> None:
        if not isinstance(dataset, MultiProtocolDataset):
            kind = type(dataset).__name__
            raise TypeError(f'ProportionalMultiDatasetSampler(dataset=) must be a MultiProtocolDataset. Got {kind}.')
        if not exponent >= 0:
            raise ValueError(f'ProportionalMultiDatasetSampler(exponent=) must be at least 0. Got {exponent}.')
        self.sizes, self.exponent = list(dataset.sizes.values()), exponent
        if not np.isfinite(_weights(self.sizes, exponent).sum()):
            raise ValueError(
                'ProportionalMultiDatasetSampler(exponent=) must be so small that size ** exponent is finite. '
                f'Got {exponent} for sets of {self.sizes} faces.'
            )
        self.rank, self.world_size = get_dist_info()
        self.seed = sync_random_seed() if seed is None else seed
        self.epoch = 0
        self.total = math.ceil(len(dataset) / self.world_size) * self.world_size

    def __iter__(self) -> Iterator[int]:
        order = draw_indices(self.sizes, self.exponent, self.total, self.seed, self.epoch)
        own = np.ascontiguousarray(order[self.rank :: self.world_size])
        return chain.from_iterable(own[part].tolist() for part in _parts(len(own)))

    def __len__(self) -> int:
        return self.total // self.world_size

    def set_epoch(self, epoch: int) -> None:
        """Choose the epoch whose order comes next."""
        self.epoch = epoch

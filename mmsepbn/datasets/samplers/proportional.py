"""Drawing faces from several data sets."""

import math
from collections.abc import Iterator, Sequence

import numpy as np
from mmengine.dist import get_dist_info, sync_random_seed
from numpy.typing import NDArray
from torch.utils.data import Sampler

from mmsepbn.datasets.multi_protocol import MultiProtocolDataset
from mmsepbn.registry import DATA_SAMPLERS


def draw_indices(sizes: Sequence[int], exponent: float, count: int, seed: int, epoch: int) -> NDArray[np.int64]:
    """``count`` face indices of the concatenated sets, a pure function of its arguments.

    Each draw picks a set with probability proportional to ``size ** exponent``, then that set's next face in a random
    order; a set whose faces are used up starts a new order.
    """
    rng = np.random.default_rng((seed, epoch))
    weights = np.array(sizes, np.float64) ** exponent
    chosen = rng.choice(len(sizes), size=count, p=weights / weights.sum())
    starts = np.cumsum([0, *sizes[:-1]])
    indices = np.empty(count, np.int64)
    for place, (size, start) in enumerate(zip(sizes, starts, strict=True)):
        slots = np.flatnonzero(chosen == place)
        rounds = [rng.permutation(size) for _ in range(math.ceil(len(slots) / size))]
        indices[slots] = start + np.concatenate([np.empty(0, np.int64), *rounds])[: len(slots)]
    return indices


@DATA_SAMPLERS.register_module()
class ProportionalMultiDatasetSampler(Sampler[int]):
    """Draw faces so that each data set is met in proportion to ``size ** exponent`` (paper Sec. IV: exponent 1).

    An epoch is as many faces as there are, rounded up so that all ranks get equally many. Its order is a function of
    seed and epoch, of which each rank takes every ``world_size``-th face, so a resumed run continues it. Nothing is
    kept between epochs.

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
        self.rank, self.world_size = get_dist_info()
        self.sizes, self.exponent = list(dataset.sizes.values()), exponent
        self.seed = sync_random_seed() if seed is None else seed
        self.epoch = 0
        self.total = math.ceil(len(dataset) / self.world_size) * self.world_size

    def __iter__(self) -> Iterator[int]:
        order = draw_indices(self.sizes, self.exponent, self.total, self.seed, self.epoch)
        return iter(order[self.rank :: self.world_size].tolist())

    def __len__(self) -> int:
        return self.total // self.world_size

    def set_epoch(self, epoch: int) -> None:
        """Choose the epoch whose order comes next."""
        self.epoch = epoch

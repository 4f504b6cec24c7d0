"""Random augmentation as a function of the draw: the seed of a sample travels with its index."""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

from mmengine.dist import get_rank
from torch.utils.data import DataLoader, Dataset, IterableDataset, Sampler

from mmsepbn.datasets.sample_seed import kept_generators, seed_generators


class Draw(int):
    """An index of a data set, with the key that seeds the sample.

    Attributes:
        key: numbers, not negative.
    """

    key: tuple[int, ...]

    def __new__(cls, index: int, key: tuple[int, ...]) -> 'Draw':
        """An int of its own class takes its value here."""
        draw = super().__new__(cls, index)
        draw.key = key
        return draw

    def __reduce__(self) -> tuple[type['Draw'], tuple[int, tuple[int, ...]]]:
        return Draw, (int(self), self.key)


class DrawnBatches(Sampler[list[Draw]]):
    """The batches of another batch sampler, whose indices carry keys: seed, epoch, rank, place in the epoch's order.

    Args:
        batches: the other batch sampler; its attributes can be read from here.
        seed: of the run, not negative.
    """

    def __init__(self, batches: Any, seed: int) -> None:
        self.batches, self._seed, self._rank = batches, seed, get_rank()
        self.begin(0)

    def begin(self, epoch: int, done: int = 0) -> None:
        """Number the draws of ``epoch`` from 0 and skip its first ``done`` batches, which keep their numbers.

        Without another call the numbers continue from one pass to the next.
        """
        self._epoch, self._done, self._place = epoch, done, 0

    def __iter__(self) -> Iterator[list[Draw]]:
        done, self._done = self._done, 0
        for number, batch in enumerate(self.batches):
            start, self._place = self._place, self._place + len(batch)
            if number >= done:
                yield [
                    Draw(index, (self._seed, self._epoch, self._rank, start + place))
                    for place, index in enumerate(batch)
                ]

    def __len__(self) -> int:
        return len(self.batches)

    def __getattr__(self, name: str) -> Any:
        if name == 'batches':  # not there yet, as in copying
            raise AttributeError(name)
        return getattr(self.batches, name)


def fetch(dataset: Dataset, draws: Sequence[int]) -> list[Any]:
    """Samples of a data set, each under the seed of its draw; of plain indices as they come."""
    keyed = [draw for draw in draws if isinstance(draw, Draw)]
    if len(keyed) < len(draws):
        return [dataset[draw] for draw in draws]
    samples = []
    with kept_generators():  # once for all of them: it takes longer than seeding
        for draw in keyed:
            seed_generators(*draw.key)
            samples.append(dataset[int(draw)])
    return samples


def seed_draws(loader: DataLoader, seed: int) -> DrawnBatches | None:
    """Make what a loader draws a function of ``seed`` and the draw, however many workers it has.

    Every random number of a sample follows, also in sets of other packages and in wrappers around them, because the
    generators are seeded before the outermost set is asked. Call it before the loader is iterated; a second call
    changes nothing.

    Returns:
        The loader's batches; None for a loader without indices (an iterable set) or without batches, left as it is.
    """
    if isinstance(loader.batch_sampler, DrawnBatches):
        return loader.batch_sampler
    if loader.batch_sampler is None or isinstance(loader.dataset, IterableDataset):
        return None
    batches = DrawnBatches(loader.batch_sampler, seed)
    vars(loader)['batch_sampler'] = batches  # torch guards the attribute, as it builds iterators from it once
    vars(loader.dataset)['__getitems__'] = partial(fetch, loader.dataset)  # torch's loader asks it for a whole batch
    return batches

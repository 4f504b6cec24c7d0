"""Several face data sets of different protocols as one."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Any

from torch.utils.data import Dataset

from mmsepbn.datasets.face_dataset import FaceDataset
from mmsepbn.registry import DATASETS


@DATASETS.register_module()
class MultiProtocolDataset(Dataset):
    """The union of face data sets for Cross-protocol Network Training (paper Sec. IV); each keeps its own pipeline.

    Flips happen inside each set's pipeline, with its protocol's pairs; MMPose's CombinedDataset would overwrite these
    with the pairs of a union of landmarks.

    Args:
        datasets: data set configs by name; the name becomes ``dataset_name`` of the samples and so of the result rows.
        use: names of those to use, in this order; None: all.

    Raises:
        ValueError: no data set, or an unknown name in ``use``. AnnotationError: an empty or missing set.
    """

    def __init__(self, datasets: Mapping[str, dict[str, Any]], use: Sequence[str] | None = None) -> None:
        names = list(datasets if use is None else use)
        if unknown := [name for name in names if name not in datasets]:
            raise ValueError(f'MultiProtocolDataset(use=) knows {sorted(datasets)}. Got {unknown}.')
        if not names:
            raise ValueError('MultiProtocolDataset(datasets=) must name at least one data set. Got none.')
        self.datasets: dict[str, FaceDataset] = {name: _build(name, datasets[name]) for name in names}
        self._ends = list(accumulate(len(dataset) for dataset in self.datasets.values()))

    @property
    def sizes(self) -> dict[str, int]:
        """Number of faces of each data set; their indices follow each other in this order."""
        return {name: len(dataset) for name, dataset in self.datasets.items()}

    @property
    def metainfo(self) -> dict[str, Any]:
        """The first set's metainfo for MMPose's visualizer, and the name of the union."""
        return next(iter(self.datasets.values())).metainfo | dict(dataset_name='+'.join(self.datasets))

    def __len__(self) -> int:
        return self._ends[-1]

    def __getitem__(self, index: int) -> Any:
        return self._locate(index, '__getitem__')

    def get_data_info(self, index: int) -> dict[str, Any]:
        """One sample before its pipeline."""
        return self._locate(index, 'get_data_info')

    def full_init(self) -> None:
        """Nothing left to do: the sets are read when they are built."""

    def set_epoch(self, seed: int, epoch: int) -> None:
        """See :meth:`FaceDataset.set_epoch`; each set draws from a sequence of its own."""
        for place, dataset in enumerate(self.datasets.values()):
            dataset.set_epoch(seed + place, epoch)

    def _locate(self, index: int, method: str) -> Any:
        if not 0 <= index < len(self):
            raise IndexError(f'index must lie in [0, {len(self)}). Got {index}.')
        place = bisect_right(self._ends, index)
        dataset = list(self.datasets.values())[place]
        return getattr(dataset, method)(index - (self._ends[place] - len(dataset)))


def _build(name: str, config: dict[str, Any]) -> FaceDataset:
    return DATASETS.build(config | dict(metainfo=dict(config.get('metainfo') or {}) | dict(dataset_name=name)))

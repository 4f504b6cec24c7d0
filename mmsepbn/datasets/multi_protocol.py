"""Several face data sets of different protocols as one."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Any, NoReturn

from torch.utils.data import Dataset

from mmsepbn.datasets.config_sets import is_list
from mmsepbn.datasets.face_dataset import FaceDataset
from mmsepbn.registry import DATASETS
from mmsepbn.type_name import type_name


class _OneSetsConfig:
    """The error MMPose's inference gets when it asks the class of a config's training set for its landmarks."""

    def __get__(self, dataset: Any, owner: Any) -> NoReturn:
        raise ValueError(
            'A config of several data sets does not say which landmarks to predict. Use the config of one set, such as '
            'configs/sepbn_vanilla_wflw.py: it loads the same checkpoint and takes the branch of its set.'
        )


@DATASETS.register_module()
class MultiProtocolDataset(Dataset):
    """The union of face data sets for Cross-protocol Network Training (paper Sec. IV); each keeps its own pipeline.

    Flips happen inside each set's pipeline, with its protocol's pairs; MMPose's CombinedDataset would overwrite these
    with the pairs of a union of landmarks.

    Args:
        datasets: data set configs by name; the name becomes ``dataset_name`` of the samples and so of the result rows.
        use: names of those to use, in this order; None: all.
        pipeline: transforms for all sets, each in place of the one of its type in their pipelines, which stay as they
            are with None. An empty list leaves samples as they are read. (MMPose's browse_dataset sets it.)

    Raises:
        ValueError: no data set, or one without settings, an unknown name in ``use``, or a transform in ``pipeline``
            that no set has.
        AnnotationError: an empty or missing set.
    """

    METAINFO = _OneSetsConfig()

    def __init__(
        self,
        datasets: Mapping[str, dict[str, Any]],
        use: Sequence[str] | None = None,
        pipeline: Sequence[dict[str, Any]] | None = None,
    ) -> None:
        if not isinstance(datasets, Mapping):
            raise ValueError(f'MultiProtocolDataset(datasets=) must be a dict of sets by name. Got {type(datasets)}.')
        if use is not None and not is_list(use):
            raise ValueError(f'MultiProtocolDataset(use=) must be a list of names. Got {use!r}.')
        names = list(datasets if use is None else use)
        if unknown := [name for name in names if name not in datasets]:
            raise ValueError(f'MultiProtocolDataset(use=) knows {sorted(datasets)}. Got {unknown}.')
        if not names:
            raise ValueError('MultiProtocolDataset(datasets=) must name at least one data set. Got none.')
        configs = {name: datasets[name] for name in names}
        for name, config in configs.items():
            if not isinstance(config, Mapping):
                kind = f'{type(config).__name__} in {name!r}'
                raise ValueError(f'MultiProtocolDataset(datasets=) must hold settings of sets, dicts. Got {kind}.')
        if pipeline is not None:
            configs = _with_transforms(configs, pipeline)
        self.datasets: dict[str, FaceDataset] = {name: _build(name, config) for name, config in configs.items()}
        self._ends = list(accumulate(len(dataset) for dataset in self.datasets.values()))

    @property
    def sizes(self) -> dict[str, int]:
        """Number of faces of each data set; their indices follow each other in this order."""
        return {name: len(dataset) for name, dataset in self.datasets.items()}

    @property
    def metainfo(self) -> dict[str, Any]:
        """The name of the union. No one mark-up holds for its faces, so MMPose draws them in one colour, unlinked."""
        drawing = dict(keypoint_colors='red', skeleton_links=None, skeleton_link_colors=None)
        return drawing | dict(dataset_name='+'.join(self.datasets))

    def __len__(self) -> int:
        return self._ends[-1]

    def __getitem__(self, index: int) -> Any:
        dataset, own_index = self._place(index)
        return dataset[own_index]

    def get_data_info(self, index: int) -> dict[str, Any]:
        """One sample before its pipeline."""
        dataset, own_index = self._place(index)
        return dataset.get_data_info(own_index)

    def full_init(self) -> None:
        """Does nothing: the sets are read when they are built."""

    def _place(self, index: int) -> tuple[FaceDataset, int]:
        """The set of a face, and the face's index in it."""
        if not 0 <= index < len(self):
            raise IndexError(f'index must lie in [0, {len(self)}). Got {index}.')
        place = bisect_right(self._ends, index)
        dataset = list(self.datasets.values())[place]
        return dataset, index - (self._ends[place] - len(dataset))


def _build(name: str, config: dict[str, Any]) -> FaceDataset:
    if wrapped := {'dataset', 'datasets'} & set(config):
        raise ValueError(f'MultiProtocolDataset(datasets=) must hold sets, no wrappers. Got {wrapped} in {name!r}.')
    return DATASETS.build(config | dict(metainfo=dict(config.get('metainfo') or {}) | dict(dataset_name=name)))


def _with_transforms(configs: Mapping[str, Any], transforms: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Configs of sets with ``transforms`` in place of those of the same type; without any where there are none."""
    if not transforms:
        return {name: config | dict(pipeline=[]) for name, config in configs.items()}
    by_type = {type_name(transform['type']): transform for transform in transforms}
    own = {name: config['pipeline'] for name, config in configs.items() if config.get('pipeline')}
    there = {type_name(transform['type']) for pipeline in own.values() for transform in pipeline}
    if own and (unknown := sorted(by_type.keys() - there)):
        raise ValueError(
            f'MultiProtocolDataset(pipeline=) must name transforms of the sets, {sorted(there)}. Got {unknown}. With '
            'pipeline=None they stay as they are.'
        )
    changed = {
        name: configs[name]
        | dict(pipeline=[by_type.get(type_name(transform['type']), transform) for transform in pipeline])
        for name, pipeline in own.items()
    }
    return dict(configs) | changed

"""Packing of a face for the model."""

import copy
from collections.abc import Sequence
from typing import Any

from mmpose.datasets.transforms import PackPoseInputs

from mmsepbn.datasets.transforms.face_sample import FaceSample
from mmsepbn.registry import TRANSFORMS

_META_KEYS = (
    *('id', 'img_id', 'img_path', 'ori_shape', 'img_shape', 'input_size', 'input_center', 'input_scale'),
    *('flip_indices', 'dataset_name', 'protocol', 'subsets', 'domain', 'box_source'),
)


@TRANSFORMS.register_module()
class PackFaceInputs(PackPoseInputs):
    """MMPose's PackPoseInputs with the keys that heads and metric of this package need as default ``meta_keys``."""

    def __init__(self, meta_keys: Sequence[str] = _META_KEYS, pack_transformed: bool = False) -> None:
        super().__init__(meta_keys=tuple(meta_keys), pack_transformed=pack_transformed)
        self._without_meta = PackPoseInputs(meta_keys=(), pack_transformed=pack_transformed)

    def transform(self, results: dict[str, Any]) -> dict[str, Any]:
        """Pack one face: ``inputs`` (3, H, W) and ``data_samples``, a :class:`FaceSample`."""
        packed = self._without_meta.transform(results)
        sample = FaceSample()
        sample.set_data(dict(packed['data_samples'].items()))
        for key in self.meta_keys:
            if key in results:
                sample.set_field(_copied(results[key]), key, field_type='metainfo')
        return dict(packed, data_samples=sample)


def _copied(value: Any) -> Any:
    """A deep copy; of indices without looking at each, which took as long as all other values together."""
    return value.copy() if type(value) is list and set(map(type, value)) <= {int} else copy.deepcopy(value)

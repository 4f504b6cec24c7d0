"""MMPose's MobileNetV2 that also takes torchvision's weights."""

from itertools import accumulate
from typing import Any

from mmpose.models.backbones import MobileNetV2 as PoseMobileNetV2

from mmsepbn.registry import MODELS

_FEATURES = 'features.'
_LAYERS = ('conv', 'bn')


@MODELS.register_module()
class MobileNetV2(PoseMobileNetV2):
    """MMPose's MobileNetV2 and its arguments; checkpoints with torchvision's names load too, by file or address.

    So ``init_cfg=dict(type='Pretrained', checkpoint='torchvision://mobilenet_v2')`` works, which MMPose's class ignores
    with only warnings. torchvision counts all blocks in one list, MMPose by stage; the classifier is dropped, and
    with it torchvision's dropout.
    """

    def _load_from_state_dict(self, state_dict: dict[str, Any], prefix: str, *args: Any, **kwargs: Any) -> None:
        """Rename torchvision's entries before any module below reads its own."""
        depths = [len(getattr(self, name)) for name in self.layers[:-1]]
        for key in [key for key in state_dict if key.startswith(prefix + _FEATURES)]:
            state_dict[prefix + pose_name(key.removeprefix(prefix), depths)] = state_dict.pop(key)
        super()._load_from_state_dict(state_dict, prefix, *args, **kwargs)


def pose_name(name: str, depths: list[int]) -> str:
    """MMPose's name of one of torchvision's tensors below ``features``.

    Args:
        name: such as ``features.2.conv.1.0.weight``.
        depths: number of blocks of each stage, 17 in all.
    """
    _, place, *path, tensor = name.split('.')
    block = int(place) - 1
    if not 0 <= block < sum(depths):  # the first and the last convolution, each with its norm
        return f'conv{1 if block < 0 else 2}.{_LAYERS[int(path[0])]}.{tensor}'
    ends = list(accumulate(depths))
    stage = next(index for index, end in enumerate(ends) if block < end)
    numbers = [int(part) for part in path[1:]]
    # A convolution with norm and activation is a group of its own within a block; the last one and its norm are not.
    groups = 1 if block == 0 else 2  # the first block does not expand
    unit, layer = numbers if len(numbers) == 2 else (groups, numbers[0] - groups)
    return f'layer{stage + 1}.{block - (ends[stage] - depths[stage])}.conv.{unit}.{_LAYERS[layer]}.{tensor}'

"""The compiled operator that MMDetection's one-stage networks need, where MMCV is mmcv-lite."""

import importlib.util
import sys
from importlib.machinery import ModuleSpec
from types import ModuleType

from torchvision.ops import nms


class Operators(ModuleType):
    """Non-maximum suppression is torchvision's; the others are there to be imported."""

    def __init__(self, name):
        super().__init__(name)
        self.__spec__ = ModuleSpec(name, None)

    def nms(self, boxes, scores, iou_threshold, offset):
        assert not offset
        return nms(boxes, scores, iou_threshold)

    def __getattr__(self, name):
        if name.startswith('__'):
            raise AttributeError(name)
        return NotImplemented


def provide_operators():
    """For the rest of this process; the full MMCV's stay where it is installed."""
    if importlib.util.find_spec('mmcv._ext') is None:
        sys.modules['mmcv._ext'] = Operators('mmcv._ext')

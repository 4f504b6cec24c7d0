"""What a model gets of a face beside its image."""

import copy
from typing import Any, TypeVar

from mmengine.structures import BaseDataElement, InstanceData
from mmpose.structures import PoseDataSample

Element = TypeVar('Element', bound=BaseDataElement)


class FaceSample(PoseDataSample):
    """MMPose's PoseDataSample that moves to a device at little cost.

    The moved one shares its meta information with this one. MMEngine copies it deeply, face by face and step by step.
    """

    def to(self, *args: Any, **kwargs: Any) -> 'FaceSample':
        """As ``torch.Tensor.to`` of all tensors of the landmarks and labels."""
        return _moved(self, args, kwargs)


def _moved(element: Element, args: tuple, kwargs: dict[str, Any]) -> Element:
    moved = copy.copy(element)
    attributes = vars(moved)
    for names in ('_metainfo_fields', '_data_fields'):
        attributes[names] = set(attributes[names])
    for name in attributes['_data_fields'] & attributes.keys():  # a property's value is in another one
        value = attributes[name]
        if type(value) is InstanceData:
            attributes[name] = _moved(value, args, kwargs)
        elif hasattr(value, 'to'):
            attributes[name] = value.to(*args, **kwargs)
    return moved

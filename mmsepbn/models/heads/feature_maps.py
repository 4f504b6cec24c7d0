"""What a backbone must return for a head."""

from typing import Any

from torch import Tensor


def require_maps(feats: Any) -> None:
    """Refuse a single map, of which a head would take the last face for the last map.

    Raises:
        ValueError: ``feats`` is a tensor.
    """
    if isinstance(feats, Tensor):
        raise ValueError(
            "A head needs a tuple of feature maps, as MMPose's backbones return it. Got one tensor of shape "
            f'{tuple(feats.shape)}: end the forward of the backbone (or neck) with return (x,).'
        )

"""The interface of a network for prediction, whether a checkpoint in torch or an ONNX file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol as Interface

import numpy as np
from numpy.typing import NDArray

from mmsepbn.fitted.box_map import BoxMap
from mmsepbn.fitted.calibration import Calibration
from mmsepbn.protocols import Protocol


@dataclass(frozen=True)
class NetworkInfo:
    """How faces are cut out for a network and what it returns.

    Attributes:
        protocols: one for each branch, in the order of the branches.
        input_size: width and height of a crop in pixels.
        padding: factor on the side of the square box, as FaceCrop has it.
        box_maps: name of a detector -> the map from its boxes to those of the training set.
        calibration: from the disagreement of several passes to a confidence; None: not calibrated.
        antialias: whether crops are averaged where they shrink the image, as FaceCrop has it.
    """

    protocols: tuple[Protocol, ...]
    input_size: tuple[int, int]
    padding: float = 1.0
    box_maps: Mapping[str, BoxMap] = field(default_factory=dict)
    calibration: Calibration | None = None
    antialias: bool = False


class Network(Interface):
    """A trained network."""

    info: NetworkInfo

    def __call__(self, crops: NDArray[np.uint8], protocols: Sequence[str]) -> dict[str, NDArray[np.float32]]:
        """Landmarks of each of the protocols: crops (N, H, W, 3) BGR uint8 -> (N, L, 2) in crop pixels.

        Raises:
            ValueError: see :func:`check_crops`.
        """


def check_crops(info: NetworkInfo, crops: NDArray[np.uint8], protocols: Sequence[str]) -> None:
    """Refuse what a network cannot predict.

    Raises:
        ValueError: crops of another shape or type, or a protocol that the network lacks.
    """
    width, height = info.input_size
    if crops.ndim != 4 or crops.shape[1:] != (height, width, 3) or crops.dtype != np.uint8:
        raise ValueError(
            f'Network(crops=) must be uint8 of shape (N, {height}, {width}, 3). '
            f'Got {crops.dtype} of shape {crops.shape}.'
        )
    branches = [protocol.name for protocol in info.protocols]
    if unknown := [name for name in protocols if name not in branches]:
        raise ValueError(f'Network(protocols=) must be among {branches}. Got {unknown}.')

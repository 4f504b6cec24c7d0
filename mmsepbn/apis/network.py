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
        """Landmarks of each of the protocols: crops (N, H, W, 3) BGR -> (N, L, 2) in crop pixels."""

"""Cut faces out for a network, and map its landmarks back to their images."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mmsepbn.apis.confidence import disagreement, image_points
from mmsepbn.boxes import square_box
from mmsepbn.datasets.transforms.affine import CropAugmentation, Matrix, crop_matrix
from mmsepbn.datasets.transforms.warp import warped
from mmsepbn.fitted.box_map import BoxMap
from mmsepbn.runtime.network import Network, NetworkInfo

PLAIN = (CropAugmentation(),)


class Cut(NamedTuple):
    """One face as a network sees it.

    Attributes:
        crops: (P, H, W, 3), the plain crop and those of further passes.
        matrices: P maps (3, 3) from its image to each.
        side: of the box that was cut out before it was enlarged, in pixels of the image.
    """

    crops: NDArray[np.uint8]
    matrices: list[Matrix]
    side: float


def cut_face(
    image: NDArray[np.uint8],
    box: NDArray[np.floating],
    info: NetworkInfo,
    box_map: BoxMap | None = None,
    changes: Sequence[CropAugmentation] = PLAIN,
) -> Cut:
    """Cut a face out of an image (H, W, 3), as the test pipeline of the network's config does.

    Args:
        image: BGR.
        box: (4,) x1, y1, x2, y2.
        info: of the network.
        box_map: from boxes of this kind to those of the training set; None where they are of that kind.
        changes: of the crop in each pass; the first pass has no change.
    """
    square = box_map(square_box(box)) if box_map else square_box(box)
    matrices = [crop_matrix(square_box(square, info.padding), info.input_size, change) for change in changes]
    crops = np.stack([warped(image, matrix, info.input_size, info.antialias) for matrix in matrices])
    return Cut(crops, matrices, float(square[2] - square[0]))


def passes_of(
    network: Network, cuts: Sequence[Cut], protocols: Sequence[str], changes: Sequence[CropAugmentation] = PLAIN
) -> dict[str, NDArray[np.float64]]:
    """Landmarks of N faces by each of P passes in pixels of their images, protocol -> (P, N, L, 2).

    All crops go through the network at once.
    """
    found = network(np.concatenate([cut.crops for cut in cuts]), protocols)
    known = {protocol.name: protocol for protocol in network.info.protocols}
    placed = {}
    for name in protocols:
        rows = iter(found[name])
        faces = [
            [
                image_points(next(rows), matrix, change, known[name])
                for matrix, change in zip(cut.matrices, changes, strict=True)
            ]
            for cut in cuts
        ]
        placed[name] = np.swapaxes(np.array(faces), 0, 1)
    return placed


def disagreements(passes: Mapping[str, NDArray[np.floating]], cuts: Sequence[Cut]) -> dict[str, NDArray[np.float64]]:
    """How far the passes of each face disagree, protocol -> (N,), see :func:`disagreement`."""
    sides = np.array([cut.side for cut in cuts])
    return {name: disagreement(points, sides) for name, points in passes.items()}

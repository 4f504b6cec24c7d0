"""EXIF orientation: what viewers show, and the way back to the stored pixels."""

import numpy as np
import pytest

from mmsepbn.datasets.transforms.exif_turn import box_to_shown, box_to_stored, to_shown, to_stored, turned


@pytest.mark.parametrize('orientation', range(1, 9))
def test_points_and_boxes_go_to_the_same_pixels_of_the_stored_image_and_back(orientation):
    """A white rectangle of the stored image is sought in both images."""
    stored = np.zeros((40, 60, 3), np.uint8)
    stored[5:9, 20:31] = 255
    stored[5, 20] = 200  # its corner
    shown = turned(stored, orientation)
    size = shown.shape[1::-1]
    places = np.argwhere(shown[..., 0] > 0)[:, ::-1]
    box = np.concatenate((places.min(axis=0), places.max(axis=0)))
    assert box_to_stored(box, orientation, size).tolist() == [20, 5, 30, 8]
    corner = np.argwhere(shown[..., 0] == 200)[:, ::-1]
    assert to_stored(corner, orientation, size).tolist() == [[20, 5]]
    assert box_to_shown([20, 5, 30, 8], orientation, size).tolist() == box.tolist()
    assert to_shown([[20, 5]], orientation, size).tolist() == corner.tolist()

import cv2
import numpy as np

from mmsepbn.fixed_point import SHIFT, fixed_point


def test_a_dot_lies_where_its_coordinates_say_to_a_sixteenth():
    for x, y in ((20.0, 20.0), (20.25, 19.5), (17.8125, 22.0625)):
        image = np.zeros((40, 40), np.uint8)
        cv2.circle(image, fixed_point((x, y)).tolist(), int(fixed_point(6)), (255,), -1, cv2.LINE_AA, SHIFT)
        rows, columns = np.mgrid[:40, :40]
        centre = [(image * axis).sum() / image.sum() for axis in (columns, rows)]
        np.testing.assert_allclose(centre, (x, y), atol=1 / 16)
    assert fixed_point([[0.5, -0.03]]).tolist() == [[8, 0]]

import cv2
import numpy as np
import pytest

from mmsepbn.write_image import write_image


def test_an_image_is_written_into_a_new_folder_or_an_error_names_it(tmp_path):
    image = np.arange(60, dtype=np.uint8).reshape(4, 5, 3)
    write_image(tmp_path / 'new' / 'a.png', image)
    assert np.array_equal(cv2.imread(str(tmp_path / 'new' / 'a.png')), image)
    (tmp_path / 'b.png').mkdir()
    with pytest.raises(OSError, match=r'b\.png cannot be written'):
        write_image(tmp_path / 'b.png', image)

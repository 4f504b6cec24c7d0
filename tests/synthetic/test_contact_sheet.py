"""Contact sheets have the cells they were asked for and show the landmarks."""

import numpy as np
import pytest

from mmsepbn.synthetic import contact_sheet, generate_face


def test_sheet_has_rows_of_cells_and_landmarks():
    faces = [generate_face(1, index) for index in range(5)]
    plain, marked = contact_sheet(faces, None, columns=3, cell=64), contact_sheet(faces, 'wflw', columns=3, cell=64)
    assert plain.shape == marked.shape
    assert plain.shape[0] // 64 == 2
    assert plain.shape[1] // 64 == 3
    assert plain.dtype == np.uint8
    greenest = marked.astype(int)[..., 1] - marked.astype(int).mean(axis=2)
    assert (greenest > 60).sum() > 100


def test_empty_sheet_is_refused():
    with pytest.raises(ValueError, match='faces='):
        contact_sheet([], None)

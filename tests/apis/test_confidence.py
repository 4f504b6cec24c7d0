import numpy as np
import pytest

from mmsepbn.apis.confidence import crop_changes, disagreement, image_points
from mmsepbn.datasets.transforms.affine import crop_matrix, transform_points
from mmsepbn.fitted.calibration import Calibration, calibrate
from mmsepbn.protocols import WIDER_FACE


def test_a_curve_by_hand():
    curve = Calibration(half=0.02, slope=2.0, tolerance=0.08)
    assert curve(np.array([0.02, 0.04, 0.01])).tolist() == pytest.approx([0.5, 0.2, 0.8])
    assert curve(np.array([0.0, 1e9])) == pytest.approx([1, 0], abs=1e-6)


@pytest.mark.parametrize('half', [0.015, 0.03, 0.06])
def test_the_curve_that_errors_were_drawn_from_is_found(half):
    """Also where most faces are wrong, or most are right."""
    random, truth = np.random.default_rng(0), Calibration(half, 3.0, 0.08)
    disagreements = np.exp(random.normal(np.log(0.03), 0.8, 4000))
    errors = np.where(random.uniform(size=4000) < truth(disagreements), 0.08, 0.081)
    found = calibrate(disagreements, errors, 0.08)
    assert found.half == pytest.approx(half, rel=0.05)
    assert found.slope == pytest.approx(3, rel=0.08)


def test_right_and_wrong_faces_that_do_not_overlap_give_platts_shares():
    """Ten of each at two disagreements: a curve of two parameters meets (n + 1) / (n + 2) and 1 / (n + 2)."""
    disagreements = np.repeat([0.01, 0.1], 10)
    curve = calibrate(disagreements, disagreements, 0.05)
    assert curve(np.array([0.01, 0.1])) == pytest.approx([11 / 12, 1 / 12], abs=1e-4)


@pytest.mark.parametrize(
    ('errors', 'message'),
    [
        (np.full(9, 0.01), 'Got 0.3, but each of the 9 validation faces has an NME of at most 30 %'),
        (np.full(9, 0.9), 'Got 0.3, but none of the 9 validation faces has an NME of at most 30 %'),
        (np.linspace(1, 0, 9), 'slope -'),
    ],
)
def test_what_cannot_be_calibrated(errors, message):
    with pytest.raises(ValueError, match=message):
        calibrate(np.linspace(0.01, 0.02, 9), errors, 0.3)


@pytest.mark.parametrize('fields', [dict(half=0), dict(slope=-1), dict(tolerance=float('inf')), dict(half='1')])
def test_what_is_no_curve(fields):
    with pytest.raises(ValueError, match=rf'Calibration\({next(iter(fields))}=\)'):
        Calibration(**dict(half=0.1, slope=1.0, tolerance=0.1) | fields)


def test_disagreement_by_hand():
    """Two passes, one of two landmarks is 3 and 4 pixels apart: variances 4.5 and 8, over a side of 10."""
    passes = np.zeros((2, 1, 2, 2))
    passes[1, 0, 0] = 3, 4
    assert disagreement(passes, np.array([10.0])) == pytest.approx([np.sqrt((4.5 + 8) / 2) / 10])


def test_disagreement_hangs_on_the_spread_not_on_the_number_of_passes():
    noise = np.random.default_rng(0).normal(0, 2, (12, 500, 5, 2))
    sides = np.full(500, 100.0)
    few, many = (disagreement(noise[:count], sides).mean() for count in (3, 12))
    assert few == pytest.approx(many, rel=0.05)
    assert many == pytest.approx(np.sqrt(2) * 0.02, rel=0.03)
    assert disagreement(3 * noise, 3 * sides) == pytest.approx(disagreement(noise, sides))


def test_passes_are_the_plain_crop_its_mirror_and_shifted_boxes():
    plain, mirror, *shifted = crop_changes(5)
    assert not plain.flip
    assert mirror.flip
    assert plain.corner_shift == mirror.corner_shift == (0, 0, 0, 0)
    assert len({change.corner_shift for change in shifted}) == 3
    assert all(0 < abs(shift) <= 0.05 for change in shifted for shift in change.corner_shift)
    assert crop_changes(5) == crop_changes(5)
    assert crop_changes(4) == crop_changes(5)[:4]
    with pytest.raises(ValueError, match=r'FaceLandmarker\(confidence=\) must be at least 2 passes. Got 1'):
        crop_changes(1)


def test_points_of_each_pass_come_back_to_the_image_in_the_order_of_the_protocol():
    """A network that sees a mirrored face gives its left eye first, which is the right one of the image."""
    landmarks = np.array([[30.0, 40], [70, 42], [50, 60], [35, 80], [66, 79]])
    for change in crop_changes(6):
        matrix = crop_matrix(np.array([0.0, 10, 100, 110]), (64, 64), change)
        seen = transform_points(landmarks, matrix)
        if change.flip:
            seen = seen[[1, 0, 2, 4, 3]]
            assert seen[0, 0] < seen[1, 0]
        assert image_points(seen, matrix, change, WIDER_FACE) == pytest.approx(landmarks)

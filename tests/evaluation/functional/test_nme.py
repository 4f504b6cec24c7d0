import numpy as np
import pytest

from mmsepbn.evaluation.functional import normalized_mean_error

RNG = np.random.default_rng(0)
TRUTH, PREDICTED = RNG.uniform(0, 100, (2, 6, 7, 2))
NORMALIZERS = RNG.uniform(20, 60, 6)


def reference(predicted, truth, normalizers, annotated):
    """Plain loops over faces and landmarks."""
    errors = []
    for p, t, length, flags in zip(predicted, truth, normalizers, annotated, strict=True):
        distances = [np.hypot(*(a - b)) for a, b, flag in zip(p, t, flags, strict=True) if flag]
        errors.append(sum(distances) / len(distances) / length)
    return errors


def test_three_four_five_triangle():
    """Offset (3, 4) pixels on each landmark, normalizer 10 pixels: 5 / 10."""
    truth = np.zeros((1, 4, 2))
    assert normalized_mean_error(truth + [3, 4], truth, np.array([10.0])).tolist() == [0.5]


def test_perfect_prediction_is_zero():
    assert normalized_mean_error(TRUTH, TRUTH, NORMALIZERS).tolist() == [0] * 6


def test_agrees_with_loops_with_and_without_missing_landmarks():
    everything, some = np.ones((6, 7)), RNG.integers(0, 2, (6, 7))
    some[:, 0] = 1
    for annotated in (everything, some):
        ours = normalized_mean_error(PREDICTED, TRUTH, NORMALIZERS, annotated)
        np.testing.assert_allclose(ours, reference(PREDICTED, TRUTH, NORMALIZERS, annotated))
    np.testing.assert_allclose(
        normalized_mean_error(PREDICTED, TRUTH, NORMALIZERS), reference(PREDICTED, TRUTH, NORMALIZERS, everything)
    )


def test_doubling_the_normalizer_halves_the_error():
    half = normalized_mean_error(PREDICTED, TRUTH, 2 * NORMALIZERS)
    np.testing.assert_allclose(2 * half, normalized_mean_error(PREDICTED, TRUTH, NORMALIZERS))


def test_missing_landmarks_may_hold_anything():
    truth, annotated = TRUTH.copy(), np.ones((6, 7))
    truth[:, 3], annotated[:, 3] = np.nan, 0
    kept = [i for i in range(7) if i != 3]
    np.testing.assert_allclose(
        normalized_mean_error(PREDICTED, truth, NORMALIZERS, annotated),
        normalized_mean_error(PREDICTED[:, kept], TRUTH[:, kept], NORMALIZERS),
    )


def test_inputs_are_not_modified():
    copies = PREDICTED.copy(), TRUTH.copy(), NORMALIZERS.copy()
    normalized_mean_error(PREDICTED, TRUTH, NORMALIZERS)
    assert all(np.array_equal(a, b) for a, b in zip(copies, (PREDICTED, TRUTH, NORMALIZERS), strict=True))


@pytest.mark.parametrize('value', [0.0, -1.0, np.nan, np.inf])
def test_bad_normalizer_names_the_row(value):
    normalizers = NORMALIZERS.copy()
    normalizers[4] = value
    with pytest.raises(ValueError, match=r'must be positive. Row 4 holds'):
        normalized_mean_error(PREDICTED, TRUTH, normalizers)


def test_a_face_without_landmarks_names_the_row():
    annotated = np.ones((6, 7))
    annotated[2] = 0
    with pytest.raises(ValueError, match='Row 2 has none'):
        normalized_mean_error(PREDICTED, TRUTH, NORMALIZERS, annotated)


def test_shapes_are_checked():
    with pytest.raises(ValueError, match=r'must both be \(N, L, 2\). Got \(6, 7, 2\) and \(6, 5, 2\)'):
        normalized_mean_error(PREDICTED, TRUTH[:, :5], NORMALIZERS)
    with pytest.raises(ValueError, match=r'normalizers must be \(6,\). Got \(5,\)'):
        normalized_mean_error(PREDICTED, TRUTH, NORMALIZERS[:5])

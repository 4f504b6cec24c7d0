import numpy as np
import pytest

from mmsepbn.evaluation.functional import area_under_ced, cumulative_error, failure_rate


def test_hand_checkable_set():
    """Errors 2, 4, 10 and 20 %: one failure in four (10 % itself is none), area (0.8 + 0.6 + 0 + 0) / 4."""
    errors = np.array([0.20, 0.02, 0.10, 0.04])
    assert failure_rate(errors) == 0.25
    assert area_under_ced(errors) == pytest.approx(0.35)
    assert cumulative_error(errors, np.array([0.0, 0.02, 0.05, 0.1, 1.0])).tolist() == [0, 0.25, 0.5, 0.75, 1]


def test_area_is_the_integral_of_the_curve():
    errors = np.random.default_rng(0).gamma(2, 0.02, 500)
    grid = np.linspace(0, 0.08, 200_001)
    assert area_under_ced(errors, 0.08) == pytest.approx(np.mean(cumulative_error(errors, grid)), abs=1e-4)


def test_failures_are_what_the_curve_has_not_reached():
    errors = np.random.default_rng(0).gamma(2, 0.03, 500)
    assert failure_rate(errors, 0.07) == pytest.approx(1 - cumulative_error(errors, np.array([0.07]))[0])


def test_extremes():
    assert area_under_ced(np.zeros(3)) == 1
    assert area_under_ced(np.ones(3)) == 0
    assert failure_rate(np.ones(3)) == 1


@pytest.mark.parametrize('function', [failure_rate, area_under_ced])
def test_bad_errors_are_named(function):
    with pytest.raises(ValueError, match='N at least 1'):
        function(np.array([]))
    with pytest.raises(ValueError, match='Row 1 is NaN'):
        function(np.array([0.1, np.nan]))


@pytest.mark.parametrize('threshold', [0, -0.1, np.nan, np.inf])
def test_an_area_up_to_no_threshold_is_refused(threshold):
    with pytest.raises(ValueError, match=r'area_under_ced\(threshold=\) must be a number above 0. Got '):
        area_under_ced(np.array([0.0, 0.1]), threshold)

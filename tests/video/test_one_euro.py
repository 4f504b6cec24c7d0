import math

import numpy as np
import pytest

from mmsepbn.video.one_euro import OneEuro


def scalar_one_euro(values, times, min_cutoff, beta, speed_cutoff):
    """Algorithm 1 of the paper for one value, as its authors wrote it down."""

    def alpha(rate, cutoff):
        tau = 1.0 / (2 * math.pi * cutoff)
        return 1.0 / (1.0 + tau * rate)

    out, previous, speed = [], None, 0.0
    for index, value in enumerate(values):
        if previous is None:
            previous = value
        else:
            rate = 1 / (times[index] - times[index - 1])
            change = (value - previous) * rate
            speed = alpha(rate, speed_cutoff) * change + (1 - alpha(rate, speed_cutoff)) * speed
            weight = alpha(rate, min_cutoff + beta * abs(speed))
            previous = weight * value + (1 - weight) * previous
        out.append(previous)
    return out


def test_one_coordinate_against_the_papers_algorithm():
    random = np.random.default_rng(0)
    times = np.cumsum(random.uniform(0.02, 0.06, 40))
    values = np.cumsum(random.normal(0, 3, 40)) + 50
    smooth = OneEuro(0.7, 3.0, 1.5)
    side = 80.0
    got = [smooth(np.array([[value, 7.0]]), side, time) for value, time in zip(values, times, strict=True)]
    expected = np.array(scalar_one_euro(values / side, times, 0.7, 3.0, 1.5)) * side
    assert np.array(got)[:, 0, 0] == pytest.approx(expected)
    assert (np.array(got)[:, 0, 1] == 7).all()


def test_small_and_large_faces_are_smoothed_alike():
    frames = np.random.default_rng(1).uniform(0, 10, (20, 5, 2))
    small, large = OneEuro(), OneEuro()
    for index, points in enumerate(frames):
        expected = 7 * small(points, 30, index / 25)
        got = large(7 * points, 7 * 30, index / 25)
    assert got == pytest.approx(expected)


def test_no_point_hangs_on_the_others_and_no_direction_is_another():
    frames = np.random.default_rng(3).uniform(0, 10, (20, 5, 2))
    turn = np.array([[0.8, -0.6], [0.6, 0.8]])
    whole, alone, turned = OneEuro(), OneEuro(), OneEuro()
    for index, points in enumerate(frames):
        expected = whole(points, 30, index / 25)
        assert alone(points[2:3], 30, index / 25) == pytest.approx(expected[2:3])
        assert turned(points @ turn, 30, index / 25) == pytest.approx(expected @ turn)


def test_resting_points_are_calmed_and_moving_ones_are_followed():
    random, rate, side = np.random.default_rng(2), 30, 100.0
    noise = random.normal(0, 0.5, (150, 68, 2))
    rest, move = OneEuro(), OneEuro()
    rested = np.array([rest(50 + each, side, t / rate) for t, each in enumerate(noise)])
    assert rested[30:].std(axis=0).mean() < 0.5 * noise[30:].std(axis=0).mean()
    path = np.arange(150)[:, None, None] * np.array([2 * side / rate, 0])  # two sides a second
    moved = np.array([move(each, side, t / rate) for t, each in enumerate(path + noise)])
    assert np.abs(moved - path)[30:].mean() < 0.02 * side


def test_time_that_stands_still_changes_nothing():
    smooth = OneEuro()
    first = smooth(np.zeros((1, 2)), 10, 1.0)
    assert smooth(np.ones((1, 2)), 10, 1.0) is first


@pytest.mark.parametrize('settings', [dict(min_cutoff=0), dict(beta=-1), dict(speed_cutoff=0)])
def test_wrong_settings(settings):
    with pytest.raises(ValueError, match='OneEuro'):
        OneEuro(**settings)

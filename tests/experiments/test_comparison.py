import math

import pytest

from mmsepbn.experiments.comparison import compare


def test_a_hand_checked_interval():
    # Means 4 and 2, variances 1 and 1, n = 3 each: standard error sqrt(2/3), 4 degrees of freedom, t = 2.776445.
    found = compare([3.0, 4.0, 5.0], [1.0, 2.0, 3.0])
    half = 100 * 2.776445 * math.sqrt(2 / 3) / 2
    assert found.change == pytest.approx(100.0)
    assert (found.low, found.high) == pytest.approx((100 - half, 100 + half), rel=1e-5)
    assert found.verdict == 'cannot be told'
    assert str(found) == '+100.0 % (95 %: -13.3 to +213.3)'


def test_clear_differences_have_a_direction():
    assert compare([1.0, 1.1, 0.9], [5.0, 5.1, 4.9]).verdict == 'lower'
    assert compare([5.0, 5.1, 4.9], [1.0, 1.1, 0.9]).verdict == 'higher'


def test_one_seed_tells_nothing_and_none_is_an_error():
    assert compare([1.0], [5.0, 5.1]).verdict == 'cannot be told'
    assert str(compare([4.0], [5.0])) == '-20.0 % (one seed)'
    with pytest.raises(ValueError, match='needs a value of each row'):
        compare([], [1.0])

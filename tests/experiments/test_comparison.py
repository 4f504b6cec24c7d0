import math

import pytest
from scipy import stats

from mmsepbn.experiments.comparison import compare, pool


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


def test_intervals_are_those_of_welchs_test():
    values, reference = [5.9, 5.8, 6.1, 5.95], [6.1, 6.3, 6.05]
    interval = stats.ttest_ind(values, reference, equal_var=False).confidence_interval(0.95)
    found, scale = compare(values, reference), 100 / (sum(reference) / 3)
    assert (found.low, found.high) == pytest.approx((scale * interval.low, scale * interval.high))


def test_rows_without_chance_have_no_interval():
    assert str(compare([3.0, 3.0], [2.0, 2.0])) == '+50.0 % (95 %: +50.0 to +50.0)'


def test_the_pool_of_data_sets_is_their_mean():
    # Each as hand-checked above: standard errors 50 sqrt(2/3) with 4 degrees of freedom; half of the root of the sum of
    # their squares with 8, t = 2.306004.
    one, other = compare([3.0, 4.0, 5.0], [1.0, 2.0, 3.0]), compare([0.0, 1.0, 2.0], [1.0, 2.0, 3.0])
    pooled = pool([one, other])
    half = 2.306004 * math.sqrt(2 * 50**2 * 2 / 3) / 2
    assert pooled.change == pytest.approx(25.0)
    assert (pooled.low, pooled.high) == pytest.approx((25 - half, 25 + half), rel=1e-5)
    assert (pool([one]).low, pool([one]).high) == pytest.approx((one.low, one.high))


def test_a_pool_with_one_seed_tells_nothing_and_none_is_an_error():
    assert str(pool([compare([4.0], [5.0]), compare([3.0, 4.0, 5.0], [4.0, 4.1])])).endswith('(one seed)')
    with pytest.raises(ValueError, match='needs a comparison'):
        pool([])

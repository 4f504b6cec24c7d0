import math

import numpy as np
import pytest

from mmsepbn.experiments.comparison import compare, comparison_lines


def test_a_hand_checked_interval():
    # Means 4 and 2, variances 1 and 1, n = 3 each: standard error sqrt(2/3), 4 degrees of freedom, t = 2.776445.
    found = compare([3.0, 4.0, 5.0], [1.0, 2.0, 3.0])
    half = 100 * 2.776445 * math.sqrt(2 / 3) / 2
    assert found.change == pytest.approx(100.0)
    assert (found.low, found.high) == pytest.approx((100 - half, 100 + half), rel=1e-5)
    assert found.verdict == 'inconclusive'
    assert str(found) == '+100.0 % (95 %: -13.3 to +213.3)'


def test_unequal_variances_and_numbers_of_seeds_give_welchs_degrees_of_freedom():
    # Variances 1 (n = 3) and 8 (n = 2), means 4 and 4: squared errors 1/3 and 4, freedom (13/3)^2 / (1/18 + 16) =
    # 169/144.5 = 1.16955; 97.5 % quantile of t there 9.08278 (between 12.706 of t(1) and 4.303 of t(2)).
    found = compare([3.0, 4.0, 5.0], [2.0, 6.0])
    assert found.high == pytest.approx(100 * 9.08278 * math.sqrt(13 / 3) / 4, rel=1e-5)


def test_clear_differences_have_a_direction():
    assert compare([1.0, 1.1, 0.9], [5.0, 5.1, 4.9]).verdict == 'lower'
    assert compare([5.0, 5.1, 4.9], [1.0, 1.1, 0.9]).verdict == 'higher'
    assert compare([-2.0, -2.1], [-1.0, -1.1]).verdict == 'lower'  # of a metric of a user's


def test_one_seed_is_inconclusive():
    assert compare([1.0], [5.0, 5.1]).verdict == 'inconclusive'
    assert str(compare([4.0], [5.0])) == '-20.0 % (one seed)'


@pytest.mark.parametrize(
    ('values', 'reference'), [([], [1.0]), ([[1.0, 2.0]], [[1.0], [2.0]]), (np.empty((2, 0)), np.ones((2, 3)))]
)
def test_values_that_cannot_be_compared_are_refused(values, reference):
    with pytest.raises(ValueError, match=r'must hold a value at least.*Got the shapes \('):
        compare(values, reference)


@pytest.mark.filterwarnings('ignore:Precision loss')
def test_rows_without_chance_have_no_interval():
    assert str(compare([3.0, 3.0], [2.0, 2.0])) == '+50.0 % (95 %: +50.0 to +50.0)'


def test_over_tables_a_seed_is_the_unit():
    # Relative to the references' means, 2 and 16: (1.5, 2, 2.5) and (0.5, 1, 1.5), each seed's mean 1, 1.5, 2 with the
    # variance 1/4; the references' (0.5, 1, 1.5) and (1, 1.5, 0.5), each seed's mean 0.75, 1.25, 1 with 1/16. Squared
    # error 5/48, freedom (5/16)^2 / (1/32 + 1/512) = 50/17, 97.5 % quantile of t there 3.21876.
    found = compare([[3.0, 4.0, 5.0], [8.0, 16.0, 24.0]], [[1.0, 2.0, 3.0], [16.0, 24.0, 8.0]])
    half = 100 * 3.21876 * math.sqrt(5 / 48)
    assert found.change == pytest.approx(50.0)
    assert (found.low, found.high) == pytest.approx((50 - half, 50 + half), rel=1e-5)


def test_the_same_table_twice_tells_no_more_than_once():
    once = compare([5.9, 5.8, 6.1], [6.1, 6.3, 6.05])
    twice = compare([[5.9, 5.8, 6.1]] * 2, [[6.1, 6.3, 6.05]] * 2)
    assert (twice.change, twice.low, twice.high) == pytest.approx((once.change, once.low, once.high))


@pytest.mark.filterwarnings('error')
@pytest.mark.parametrize(
    ('values', 'reference'), [([0.0, 0.0], [0.0, 0.0]), ([1.0, 2.0], [0.0, 0.0]), ([[1.0], [2.0]], [[4.0], [0.0]])]
)
def test_of_a_reference_of_zero_there_is_no_percentage(values, reference):
    found = compare(values, reference)
    assert (str(found), found.verdict) == ('no percentage, as the reference is 0', 'inconclusive')


def test_lines_of_pairs_that_have_records():
    def records(*values):
        return [dict(metrics=dict(val={'a/NME': value, 'a/AUC_0.10': 0.5})) for value in values]

    rows = dict(BN=records(2.0, 2.0), mine=records(1.0, 1.2), later=[])
    pairs = [('mine', 'BN'), ('BN', 'mine'), ('later', 'BN'), ('mine', 'later')]
    first, second = comparison_lines(pairs, rows, 'val')
    assert first.startswith('- mine against BN: -45.0 % (95 %: ')
    assert second.startswith('- BN against mine: +81.8 % (95 %: ')
    (same,) = comparison_lines(pairs[:1], rows, 'val', 'a/AUC_0.10')
    assert same.startswith('- mine against BN: +0.0 % ')
    assert same.endswith(', inconclusive.')
    alone = {row: [dict(metrics=dict(val={'PCK': value}))] for row, value in (('mine', 1.0), ('BN', 2.0))}
    assert comparison_lines(pairs[:1], alone, 'val') == ['- mine against BN: -50.0 % (one seed), inconclusive.']
    assert comparison_lines(pairs, dict(later=[]), 'val') == []

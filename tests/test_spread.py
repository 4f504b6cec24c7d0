"""Choosing a few of many."""

from mmsepbn.spread import spread


def test_places_are_spread_and_each_once():
    assert spread(3, 64) == [0, 1, 2]
    assert spread(101, 3) == [0, 50, 100]
    assert spread(0, 8) == []

"""Long lists in messages."""

from mmsepbn.listing import shortened


def test_only_what_is_left_out_is_counted():
    assert shortened([]) == ''
    assert shortened(['a', 'b'], shown=2) == 'a\n  b'
    assert shortened(['a', 'b', 'c', 'd'], ', ', 2) == 'a, b, and 2 more'

from mmengine.config import ConfigDict

from mmsepbn.config_walk import walk

CONFIG = ConfigDict(a=dict(type='A', b=[dict(c=1), (2, dict(d='text'))]), e=None)


def test_parts_come_before_their_own_parts_with_their_places():
    found = [*walk(CONFIG, 'model')]
    assert [place for place, _ in found] == [
        *('model', 'model.a', 'model.a.type', 'model.a.b', 'model.a.b.0', 'model.a.b.0.c'),
        *('model.a.b.1', 'model.a.b.1.0', 'model.a.b.1.1', 'model.a.b.1.1.d', 'model.e'),
    ]
    assert dict(found) | {'model.a.b.1.1.d': 'text', 'model.a.b.1.0': 2, 'model.e': None} == dict(found)
    assert found[0][1] is CONFIG


def test_places_in_a_whole_config_begin_with_its_keys():
    assert [place for place, _ in walk(dict(a=[7], e=None))] == ['', 'a', 'a.0', 'e']


def test_what_is_not_entered_is_still_handed_out():
    lists_closed = walk(CONFIG, enter=lambda part: not isinstance(part, list))
    assert [place for place, _ in lists_closed] == ['', 'a', 'a.type', 'a.b', 'e']
    dicts_closed = walk([CONFIG, 3], 'x', lambda part: not isinstance(part, dict))
    assert [place for place, _ in dicts_closed] == ['x', 'x.0', 'x.1']

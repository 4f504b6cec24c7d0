"""A few hundred of the damaged files that ``make fuzz`` tries."""

import multiprocessing

import pytest
from fuzz.child import Child
from fuzz.readers import READERS, write_sets
from fuzz.run import fuzz, is_fault


@pytest.fixture(scope='module')
def sets(tmp_path_factory):
    root = tmp_path_factory.mktemp('fuzz') / 'sets'
    write_sets(root)
    return root


@pytest.mark.parametrize('reader', READERS)
def test_the_whole_file_is_read(sets, reader):
    assert len(READERS[reader].read(sets)) in (2, 3, 4)


def test_damaged_files_are_read_or_named(sets):
    counts, faults = fuzz(sets, cases=40, seed=7)
    assert not list(filter(is_fault, faults))
    for reader, count in counts.items():
        assert sum(count.values()) == 40
        assert count['AnnotationError'] > 5, reader
    assert sum(count['read'] for count in counts.values()) > 20


@pytest.mark.parametrize(
    ('damage', 'outcome', 'details'),
    [
        ('os.kill(os.getpid(), 9)', 'crash', 'exit status -9'),
        ('time.sleep(60)', 'hang', 'after 1 s'),
        ('bytearray(2**34)', 'other', 'MemoryError'),
        ('{}["a"]', 'other', "KeyError: 'a'"),
        ('open("/etc/passwd").close()', 'outside', '/etc/passwd'),
        ('h5py.File(root.parent / "outside" / "a.mat", "r").close()', 'outside', 'by a library in C'),
        ('(root.parent / "outside" / "a.json").read_text()', 'outside', '/outside/a.json'),
    ],
)
def test_what_must_not_be_is_noticed(sets, monkeypatch, damage, outcome, details):
    """The limits and watches themselves: a reader that does ``damage``."""
    import os
    import time
    from types import SimpleNamespace

    import h5py

    def read(root):
        eval(damage, dict(os=os, time=time, h5py=h5py, root=root))
        return []

    reader = SimpleNamespace(file='JSON/a.json', kind='json', found=False, read=read)
    monkeypatch.setitem(READERS, 'bad', reader)
    monkeypatch.setattr('fuzz.child.SECONDS', 1)
    child = Child(sets)
    found, text = child.outcome('bad', 0)
    child.close()
    assert found == outcome
    assert details in text
    assert child.outcome('WFLW list', 0)[0] in ('read', 'AnnotationError')  # another child goes on
    child.close()
    assert not multiprocessing.active_children()

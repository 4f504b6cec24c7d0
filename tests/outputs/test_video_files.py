"""Files of videos that are written frame by frame."""

import csv
import json
import re
import weakref
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import pytest

from mmsepbn.apis import Face
from mmsepbn.outputs.folder import OutputFolder
from mmsepbn.outputs.growing_file import GrowingFile
from mmsepbn.outputs.video_files import VideoFiles
from mmsepbn.protocols import WIDER_FACE


def face(number):
    points = np.arange(10, dtype=np.float32).reshape(5, 2) + number
    return Face(np.array([number, 1.0, 20, 30.12345]), {'wider_face': points}, 0.5, None, track=number, detector='haar')


@pytest.fixture
def files(tmp_path):
    own = VideoFiles(
        'clip.mp4', 'sub', ('draw', 'json', 'csv'), [WIDER_FACE], lambda name: GrowingFile(tmp_path / name)
    )
    assert own.names == ['sub.json', 'sub.wider_face.csv']
    return own


FRAMES = [[face(0), face(3)], [], [face(3)]]


def test_all_frames_are_in_the_files_which_have_their_names_at_the_end(files, tmp_path):
    for faces in FRAMES:
        files.add((60, 40), faces)
    assert (files.count, files.seen) == (3, 2)
    begun = sorted(path.name for path in tmp_path.iterdir())
    assert [re.sub(r'\.[0-9a-f]{8}\.part$', '', name) for name in begun] == ['.sub.json', '.sub.wider_face.csv']
    files.close()
    assert {path.name for path in tmp_path.iterdir()} == set(files.names)
    content = json.loads((tmp_path / 'sub.json').read_text())
    assert {key: content[key] for key in ('video', 'width', 'height')} == dict(video='clip.mp4', width=60, height=40)
    assert [[each['track'] for each in faces] for faces in content['frames']] == [[0, 3], [], [3]]
    (last,) = content['frames'][2]
    assert last == dict(
        box=[3, 1, 20, 30.123],
        landmarks=dict(wider_face=[[x, x + 1] for x in range(3, 13, 2)]),
        **dict(score=None, detector='haar', confidence=0.5, track=3),
    )
    heading, *rows = csv.reader((tmp_path / 'sub.wider_face.csv').open())
    assert heading[:6] == ['frame', 'track', 'x1', 'y1', 'x2', 'y2']
    assert [row[:2] for row in rows] == [['0', '0'], ['0', '3'], ['2', '3']]
    assert list(map(float, rows[2][-10:])) == list(range(3, 13))


def test_nothing_is_written_of_a_video_without_frames(files, tmp_path):
    files.close()
    assert not list(tmp_path.iterdir())


def test_no_face_is_kept(files):
    faces = [face(1)]
    kept = weakref.ref(faces[0])
    files.add((60, 40), faces)
    del faces
    assert kept() is None


@contextmanager
def longest_file(size):
    """No file of this process grows beyond ``size`` bytes: stands in for a disk that is full."""
    resource = pytest.importorskip('resource')
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_full_disk_is_said_and_the_other_files_are_finished(files, tmp_path):
    with longest_file(30_000), pytest.raises(OSError, match=r'sub\.json cannot be written: File too large\.$'):
        any(files.add((60, 40), FRAMES[0]) for _ in range(10_000))
    files.close()
    assert [path.name for path in tmp_path.iterdir()] == ['sub.wider_face.csv']
    rows = (tmp_path / 'sub.wider_face.csv').read_text().splitlines()
    assert len(rows) == 1 + 2 * files.count


def test_a_disk_that_is_full_only_at_the_end(files, tmp_path):
    files.add((60, 40), [replace(face(0), score=0.25)] * 20)  # all of it is still in memory
    with longest_file(2500), pytest.raises(OSError, match=r'sub\.json cannot be written: File too large\.$'):
        files.close()
    assert [path.name for path in tmp_path.iterdir()] == ['sub.wider_face.csv']
    assert len((tmp_path / 'sub.wider_face.csv').read_text().splitlines()) == 21


def test_two_writers_of_a_name_do_not_mix(tmp_path):
    first, second = (OutputFolder(tmp_path).create('a.json') for _ in range(2))
    for number in range(3):
        first.write(b'first %d\n' % number * 1000)
        second.write(b'second %d\n' % number * 1000)
    first.close(b'end')
    with pytest.raises(FileExistsError, match=r'a\.json exists already: replace it with --overwrite'):
        second.close()
    second.close()
    assert [path.name for path in tmp_path.iterdir()] == ['a.json']
    written = (tmp_path / 'a.json').read_bytes()
    assert written == b''.join(b'first %d\n' % number * 1000 for number in range(3)) + b'end'
    third = OutputFolder(tmp_path, overwrite=True).create('a.json')
    third.close(b'third')
    assert (tmp_path / 'a.json').read_bytes() == b'third'


def test_a_file_is_readable_as_others_of_its_folder(tmp_path):
    (tmp_path / 'plain').write_bytes(b'')
    GrowingFile(tmp_path / 'a.json').close()
    assert (tmp_path / 'a.json').stat().st_mode == (tmp_path / 'plain').stat().st_mode

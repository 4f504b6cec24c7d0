"""Files of videos that are written frame by frame."""

import csv
import json
import sys
import weakref
from dataclasses import replace

import numpy as np
import pytest

from mmsepbn.apis import Face
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
    assert {path.name for path in tmp_path.iterdir()} == {'.sub.json.part', '.sub.wider_face.csv.part'}
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


@pytest.mark.skipif(sys.platform != 'linux', reason='/dev/full is of Linux')
def test_a_full_disk_is_said_and_the_other_files_are_finished(files, tmp_path):
    (tmp_path / '.sub.json.part').symlink_to('/dev/full')
    with pytest.raises(OSError, match=r'sub\.json cannot be written: No space left on device\.$'):
        any(files.add((60, 40), FRAMES[0]) for _ in range(10_000))
    files.close()
    assert [path.name for path in tmp_path.iterdir()] == ['sub.wider_face.csv']
    rows = (tmp_path / 'sub.wider_face.csv').read_text().splitlines()
    assert len(rows) == 1 + 2 * files.count


@pytest.mark.skipif(sys.platform != 'linux', reason='/dev/full is of Linux')
def test_a_disk_that_is_full_only_at_the_end(files, tmp_path):
    (tmp_path / '.sub.json.part').symlink_to('/dev/full')
    files.add((60, 40), [replace(face(0), score=0.25)])
    with pytest.raises(OSError, match=r'sub\.json cannot be written: No space left on device\.$'):
        files.close()
    assert [path.name for path in tmp_path.iterdir()] == ['sub.wider_face.csv']

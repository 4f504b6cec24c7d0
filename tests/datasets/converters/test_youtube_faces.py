import cv2
import numpy as np
import pytest

from mmsepbn.datasets.annotation import AnnotationError
from mmsepbn.datasets.converters.youtube_faces import annotated_face, read_frames, split_people

LANDMARKS = np.random.default_rng(0).uniform(20, 90, (68, 2)).round()


@pytest.fixture
def clone(tmp_path):
    for part, names in (('training', ['Ann_Lee_00.jpg', 'Ann_Lee_11.jpg', 'Bo_01.jpg']), ('test', ['Ann_Lee_22.jpg'])):
        folder = tmp_path / 'data' / part
        folder.mkdir(parents=True)
        lines = [',' + ','.join(map(str, range(136)))]
        for name in names:
            cv2.imwrite(str(folder / name), np.full((110, 120, 3), 90, np.uint8))
            lines.append(f'{name},' + ','.join(map(str, LANDMARKS.ravel())))
        (tmp_path / 'data' / f'{part}_frames_keypoints.csv').write_text('\n'.join(lines) + '\n')
    return tmp_path


def test_frames_are_read_with_their_people(clone):
    frames = read_frames(clone)
    assert [frame.person for frame in frames] == ['Ann_Lee', 'Ann_Lee', 'Bo', 'Ann_Lee']
    assert np.array_equal(frames[0].landmarks, LANDMARKS)
    assert len(read_frames(clone / 'data')) == 4


def test_no_person_is_in_two_parts(clone):
    parts = split_people(read_frames(clone) * 1, dict(test=0.5, train=0.5))
    people = [{frame.person for frame in frames} for frames in parts.values()]
    assert not people[0] & people[1]
    assert sum(map(len, parts.values())) == 4


def test_shares_are_kept_over_many_people(clone):
    from dataclasses import replace

    frame = read_frames(clone)[0]
    parts = split_people([replace(frame, person=f'person {i}') for i in range(4000)], dict(a=0.2, b=0.1, c=0.7))
    assert [len(frames) / 4000 for frames in parts.values()] == pytest.approx([0.2, 0.1, 0.7], abs=0.02)


def test_a_face_carries_three_protocols_and_a_box_around_them(clone):
    face = annotated_face(read_frames(clone)[0])
    assert {name: len(points) for name, points in face.landmarks.items()} == {'300w': 68, 'aflw': 19, 'wider_face': 5}
    x1, y1, x2, y2 = face.box
    assert x2 - x1 == pytest.approx(y2 - y1)
    inside = (((x1 - 4, y1 - 4) <= LANDMARKS) & ((x2 + 4, y2 + 4) >= LANDMARKS)).all()
    assert inside
    assert annotated_face(read_frames(clone)[0]).box == face.box


def test_bad_files_are_named(clone):
    with pytest.raises(AnnotationError, match='must hold data/training'):
        read_frames(clone / 'nowhere')
    table = clone / 'data' / 'training_frames_keypoints.csv'
    whole = table.read_text()
    for text, message in (
        (whole.partition('\n')[2], 'keypoints.csv:1: expected the header'),
        (whole.replace('Bo_01.jpg', '/etc/passwd'), 'keypoints.csv:4: .*/etc/passwd.* outside of the data root'),
        (whole.replace('Bo_01.jpg', ''), 'keypoints.csv:4: .* must be a regular file. Got a folder'),
        (whole.replace('Bo_01.jpg', '"' + 'a' * 200_000), 'keypoints.csv:4: not a table: field larger than'),
        (whole.replace('Bo_01.jpg', '\0'), 'keypoints.csv:4: must be text in UTF-8. Got a NUL byte'),
    ):
        table.write_text(text)
        with pytest.raises(AnnotationError, match=message):
            read_frames(clone)
    table.write_text(whole + '\nX_01.jpg,1,2\n')
    with pytest.raises(AnnotationError, match=r'keypoints.csv:6: expected a file name and 136 numbers. Got 3 fields'):
        read_frames(clone)

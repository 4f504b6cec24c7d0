"""Names that never collide, nothing replaced unasked, files that are whole."""

import json
import weakref
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from mmsepbn.apis import Face
from mmsepbn.apis.image import ShownImage
from mmsepbn.outputs.folder import OutputFolder
from mmsepbn.outputs.result_files import FORMATS, ResultFiles, names_below_common
from mmsepbn.protocols import FACE_300W, WIDER_FACE

PIXELS = np.full((40, 60, 3), 99, np.uint8)


def face(seed=0):
    generator = np.random.default_rng(seed)
    landmarks = {
        p.name: generator.uniform(5, 35, (p.num_landmarks, 2)).astype(np.float32) for p in (FACE_300W, WIDER_FACE)
    }
    return Face(np.array([5.0, 5, 35, 35]), landmarks)


def save(out, images, formats=FORMATS, protocols=(FACE_300W,), **options):
    """Save images by name -> number of faces; names of all files, whole as they are."""
    files = ResultFiles(out, formats, protocols, list(images), **options)
    for number, (path, count) in enumerate(images.items()):
        files.add(path, ShownImage(PIXELS, path=path), [face(number) for _ in range(count)])
    files.close()
    assert not list(Path(out).rglob('.*'))
    return {str(path.relative_to(out)) for path in Path(out).rglob('*') if path.is_file()}


def test_files_lie_as_the_images_do(tmp_path):
    names = save(tmp_path, {'/p/a.jpg': 1, '/p/b/a.jpg': 2})
    assert names == {
        *('a.jpg', 'a.json', 'a.pts', 'b/a.jpg', 'b/a.json', 'b/a_1.pts', 'b/a_2.pts'),
        *('coco.json', 'landmarks_300w.csv', 'mmpose_300w.json'),
    }
    drawn = cv2.imread(str(tmp_path / 'a.jpg'))
    assert drawn.shape == PIXELS.shape
    assert (np.abs(drawn.astype(int) - 99) > 30).any()
    listed = [image['file_name'] for image in json.loads((tmp_path / 'coco.json').read_text())['images']]
    assert listed == ['a.jpg', 'b/a.jpg']


def test_several_protocols_have_files_of_their_own_and_share_the_drawing(tmp_path):
    names = save(tmp_path, {'a.jpg': 1}, protocols=(WIDER_FACE, FACE_300W))
    assert names == {
        *('a.jpg', 'a.json', 'a_300w.pts', 'a_wider_face.pts', 'coco.json'),
        *(f'{kind}_{name}' for kind, name in (('landmarks', '300w.csv'), ('landmarks', 'wider_face.csv'))),
        *('mmpose_300w.json', 'mmpose_wider_face.json'),
    }


@pytest.mark.parametrize(
    'images',
    [
        {'p/a.jpg': 1, 'p/a.png': 1, 'p/a.bmp': 1},
        {'p/a.jpg': 1, 'p/A.jpg': 1, 'p/A.JPG': 1},
        {'p/a.jpg': 2, 'p/a_1.jpg': 1, 'p/a_2.png': 3},
        {'p/a_1.jpg': 1, 'p/a.jpg': 2},
        {'p/a.jpg': 1, 'p/a.png': 1, 'p/a_png.jpg': 1, 'p/a_png.png': 1},
        {'coco.png': 1, 'landmarks_300w.jpg': 1, 'mmpose_300w.jpg': 1},
        {'p/a.b.jpg': 2, 'p/a.c.jpg': 2, 'p/a': 1},
    ],
)
def test_no_two_files_share_a_name(tmp_path, images):
    """Whatever the case of letters; and each holds the faces of its own image."""
    names = save(tmp_path / 'out', images)
    assert len({name.casefold() for name in names}) == len(names) == 3 + 2 * len(images) + sum(images.values())
    contents = [json.loads(path.read_text()) for path in (tmp_path / 'out').rglob('*.json')]
    assert sorted(content['image'] for content in contents if 'image' in content) == sorted(images)


def test_nothing_is_replaced_unless_it_is_asked_for(tmp_path):
    save(tmp_path, {'a.jpg': 1})
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    with pytest.raises(
        FileExistsError, match=r'coco.json exists already: replace it with --overwrite, .*\. The same applies to 5 more'
    ):
        save(tmp_path, {'a.jpg': 2})
    with pytest.raises(FileExistsError, match=r'a\.pts exists already'):
        save(tmp_path, {'a.jpg': 1}, formats=('pts',))
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before
    save(tmp_path, {'b.jpg': 1}, formats=('json', 'draw'))
    save(tmp_path, {'a.jpg': 2}, overwrite=True)
    assert (tmp_path / 'coco.json').read_bytes() != before[tmp_path / 'coco.json']


def test_images_are_never_replaced(tmp_path):
    photo = str(tmp_path / 'a.jpg')
    cv2.imwrite(photo, PIXELS)
    with pytest.raises(FileExistsError, match=r'a\.jpg is an input image and is not replaced: choose'):
        save(tmp_path, {photo: 1}, overwrite=True)
    assert (cv2.imread(photo) == 99).all()
    assert 'a.pts' in save(tmp_path, {photo: 1}, formats=('pts',))


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / 'file').write_text('')
    with pytest.raises(OSError, match=r"The folder '.*file/out' cannot be written: Not a directory\."):
        save(tmp_path / 'file' / 'out', {'a.jpg': 1})
    folder = OutputFolder(tmp_path / 'out')
    (tmp_path / 'out' / 'a').mkdir(parents=True)
    with pytest.raises(FileExistsError):
        folder.write('a', b'')


def test_a_file_is_there_whole_or_not_at_all(tmp_path, monkeypatch):
    import os

    def full(number):
        raise OSError(28, 'No space left on device')

    monkeypatch.setattr(os, 'fsync', full)
    with pytest.raises(OSError, match=r'a\.json cannot be written: No space left on device'):
        OutputFolder(tmp_path).write('a.json', b'{}')
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ('paths', 'names'),
    [
        (['/p/a.jpg'], ['a.jpg']),
        (['/p/a.jpg', '/p/q/b.jpg'], ['a.jpg', 'q/b.jpg']),
        (['/p/q/a.jpg', '/p/r/a.jpg'], ['q/a.jpg', 'r/a.jpg']),
        (['/p/../p/a.jpg', '/p/./b.jpg'], ['a.jpg', 'b.jpg']),
        ([], []),
    ],
)
def test_names_are_those_below_the_folder_that_holds_all(paths, names):
    assert names_below_common(paths) == names


@pytest.mark.parametrize('count', [1, 2])
def test_pts_files_of_earlier_runs_are_found_before_the_work(tmp_path, count):
    save(tmp_path, {'a.jpg': count}, formats=('pts',), protocols=(WIDER_FACE, FACE_300W))
    with pytest.raises(FileExistsError, match=r'a_wider_face(_1)?\.pts exists already'):
        ResultFiles(tmp_path, ('pts',), (WIDER_FACE, FACE_300W), ['a.jpg'])


def test_a_drawing_that_cannot_be_written_takes_nothing_else_with_it(tmp_path):
    files = ResultFiles(tmp_path, FORMATS, (FACE_300W,), ['a.jpg'])
    with pytest.raises(OSError, match='cannot be written as JPEG'):
        files.add('a.jpg', ShownImage(np.zeros((1, 65501, 3), np.uint8), path='a.jpg'), [face()])
    files.close()
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {'a.json', 'a.pts', 'coco.json', 'landmarks_300w.csv', 'mmpose_300w.json'}


def test_folders_that_stay_empty_are_removed_again_but_none_that_were_there(tmp_path):
    (tmp_path / 'there').mkdir()
    long = 'n' * 251
    for out in ('new/out', 'there/new', 'there'):
        files = ResultFiles(tmp_path / out, ('json',), (FACE_300W,), ['p/a.jpg', f'q/{long}.jpg'])
        with pytest.raises(OSError, match='too long'), files:
            files.add(f'q/{long}.jpg', ShownImage(PIXELS), [face()])
        assert list(tmp_path.rglob('*')) == [tmp_path / 'there']
    with ResultFiles(tmp_path / 'new' / 'out', ('json',), (FACE_300W,), ['p/a.jpg', f'q/{long}.jpg']) as files:
        files.add('p/a.jpg', ShownImage(PIXELS), [face()])
        with pytest.raises(OSError, match='too long'):
            files.add(f'q/{long}.jpg', ShownImage(PIXELS), [face()])
    assert [path.name for path in (tmp_path / 'new' / 'out').rglob('*')] == ['p', 'a.json']


def test_files_of_other_names_stay_when_results_are_overwritten(tmp_path):
    """``a_1.pts`` may be of another image, of another run, or drawn by hand."""
    save(tmp_path, {'a.jpg': 3}, ('pts',))
    kept = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert save(tmp_path, {'a.jpg': 1}, ('pts',), overwrite=True) == {*kept, 'a.pts'}
    assert save(tmp_path, {'a.jpg': 0}, ('pts',), overwrite=True) == {*kept, 'a.pts'}
    assert {name: (tmp_path / name).read_bytes() for name in kept} == kept


def test_files_of_all_images_that_cannot_be_written_are_named_and_the_others_are_written(tmp_path):
    files = ResultFiles(tmp_path, ('csv', 'coco', 'mmpose'), (FACE_300W,), ['a.jpg'])
    files.add('a.jpg', ShownImage(PIXELS, path='a.jpg'), [face()])
    for name in ('coco.json', 'mmpose_300w.json'):
        (tmp_path / name).mkdir()
    problems = files.close()
    assert [problem.split(' exists already')[0] for problem in problems] == [
        f'{tmp_path}/coco.json',
        f'{tmp_path}/mmpose_300w.json',
    ]
    assert (tmp_path / 'landmarks_300w.csv').is_file()


def test_what_json_cannot_hold_is_named(tmp_path):
    files = ResultFiles(tmp_path, ('csv', 'coco'), (FACE_300W,), ['a.jpg'])
    files.add('a.jpg', ShownImage(PIXELS, path='a.jpg'), [replace(face(), score=float('nan'))])
    (problem,) = files.close()
    assert problem.startswith(f'{tmp_path}/coco.json: Out of range float values')
    assert (tmp_path / 'landmarks_300w.csv').is_file()


def test_the_home_may_be_written_as_a_tilde(tmp_path, monkeypatch):
    monkeypatch.setenv('HOME', str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert OutputFolder('~/out').folder == tmp_path / 'out'
    assert OutputFolder('~nobody-of-this-name/out').folder == Path('~nobody-of-this-name/out')


@pytest.mark.parametrize(('formats', 'kept'), [(('json', 'pts', 'draw'), False), (('json', 'csv'), True)])
def test_faces_are_kept_only_for_files_of_all_images(tmp_path, formats, kept):
    """So that a long list needs no more memory than a short one."""
    files, one = ResultFiles(tmp_path, formats, (FACE_300W,), ['a.jpg']), face()
    files.add('a.jpg', ShownImage(PIXELS, path='a.jpg'), [one])
    known = weakref.ref(one)
    del one
    assert (known() is not None) == kept

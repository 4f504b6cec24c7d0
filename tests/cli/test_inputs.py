"""What names on the command line stand for."""

import os

import pytest

from mmsepbn.cli.inputs import find_inputs


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in (
        *('p/b.jpg', 'p/a.PNG', 'p/c/d.webp', 'p/notes.txt', 'p/._b.jpg', 'p/clip.mp4', 'x[1].jpg', 'x1.jpg'),
        *('predictions/b.jpg', 'p/out/e.jpg', 'clip.MOV', 'noend', 'p/.thumbs/c/b.jpg'),
    ):
        os.makedirs(os.path.dirname(name) or '.', exist_ok=True)
        with open(name, 'w') as file:
            file.write('')
    return tmp_path


@pytest.mark.parametrize(
    ('names', 'images'),
    [
        (['p'], ['p/a.PNG', 'p/b.jpg', 'p/c/d.webp', 'p/out/e.jpg']),
        (['p/', './p/b.jpg', 'p/b.jpg'], ['p/a.PNG', 'p/b.jpg', 'p/c/d.webp', 'p/out/e.jpg']),
        (['p/*.jpg'], ['p/b.jpg']),
        (['p/**/*.webp'], ['p/c/d.webp']),
        (['x[1].jpg'], ['x[1].jpg']),
        (['x[12].jpg'], ['x1.jpg']),
        (['noend'], ['noend']),
        (['.'], ['p/a.PNG', 'p/b.jpg', 'p/c/d.webp', 'p/out/e.jpg', 'x1.jpg', 'x[1].jpg']),
        (['*/b.jpg'], ['p/b.jpg']),
        (['predictions/b.jpg'], ['predictions/b.jpg']),
    ],
)
def test_images_are_found_in_order_and_once(folder, names, images):
    found = find_inputs(names, 'predictions')
    assert [os.path.normpath(path) for path in found.images] == images
    assert found.videos == []
    assert found.problems == []


def test_files_of_a_folder_that_are_not_named_as_images_are_counted(folder):
    """Hidden ones, folders and results of earlier runs are not."""
    for name in ('p/e.GIF', 'p/f.heic', 'p/g.Avif', 'p/README', 'p/c/clip.MP4', 'p/out/e.json'):
        (folder / name).write_text('')
    (folder / 'p' / 'folder.txt').mkdir()
    found = find_inputs(['p', 'x1.jpg'], 'p/out')
    assert [os.path.basename(path) for path in found.images] == [
        *('a.PNG', 'b.jpg', 'd.webp', 'e.GIF', 'f.heic', 'g.Avif', 'x1.jpg'),
    ]
    line = 'p: left out, as not named as images: no ending 1, .mp4 2, .txt 1.'
    assert (found.left_out, found.problems) == ([line], [])
    assert find_inputs(['p/*.jpg', 'p/c/d.webp'], 'predictions').left_out == []
    (folder / 'texts').mkdir()
    (folder / 'texts' / 'a.txt').write_text('')
    (problem,) = find_inputs(['texts'], 'predictions').problems
    assert problem == "The folder 'texts' holds no image; its files: .txt 1."


def test_a_list_has_a_name_on_each_line(folder):
    (folder / 'list.txt').write_text('p/b.jpg\n\n  x1.jpg \r\np/*.PNG\nwebcam:0\n')
    found = find_inputs(['list.txt'], 'predictions')
    assert (found.images, found.videos) == (['p/b.jpg', 'x1.jpg', 'p/a.PNG'], ['webcam:0'])


def test_videos_and_cameras_are_apart(folder):
    found = find_inputs(['clip.MOV', 'webcam:1', 'p/b.jpg', 'p/*.mp4'], 'predictions')
    assert (found.images, found.videos) == (['p/b.jpg'], ['clip.MOV', 'webcam:1', 'p/clip.mp4'])


@pytest.mark.parametrize(
    ('name', 'message'),
    [
        ('nowhere.jpg', "There is no file 'nowhere.jpg'."),
        ('*.gif', "No file matches '*.gif'."),
        ('empty', "The folder 'empty' holds no image."),
        ('p/notes.txt', "The list 'p/notes.txt' is empty."),
        ('nowhere/', "There is no file 'nowhere/'."),
        ('', "There is no file ''."),
        *(
            (name, f'An image or video must be a file; addresses are not fetched. Got {name}.')
            for name in ('https://x.org/a.jpg', 'https://x.org/a.mp4?b=1', 'S3://a/b')
        ),
    ],
)
def test_what_names_nothing_is_said_and_the_others_are_found(folder, name, message):
    (folder / 'empty').mkdir()
    found = find_inputs([name, 'x1.jpg'], 'predictions')
    assert found.images == ['x1.jpg']
    assert found.problems == [message]


def test_a_list_that_is_no_text_is_said(folder):
    (folder / 'list.txt').write_bytes(b'\xff\xfe')
    (problem,) = find_inputs(['list.txt'], 'predictions').problems
    assert 'list.txt:1: must be text in UTF-8' in problem


def test_a_line_of_a_list_that_names_nothing_is_said_and_the_others_are_found(folder):
    (folder / 'list.txt').write_text('p/b.jpg\nnowhere.jpg\nx1.jpg\n*.gif\n')
    found = find_inputs(['list.txt', 'noend'], 'predictions')
    assert found.images == ['p/b.jpg', 'x1.jpg', 'noend']
    assert found.problems == ["There is no file 'nowhere.jpg'.", "No file matches '*.gif'."]


@pytest.mark.parametrize(
    ('name', 'out', 'images'),
    [
        ('p/c', 'p/c', ['p/c/d.webp']),
        ('p/c', '.', ['p/c/d.webp']),
        ('p/*.jpg', 'p', ['p/b.jpg']),
        ('p/**/*.jpg', 'p/out', ['p/b.jpg']),
        ('p', 'p/out', ['p/a.PNG', 'p/b.jpg', 'p/c/d.webp']),
    ],
)
def test_results_are_left_out_only_where_they_lie_inside_what_is_named(folder, name, out, images):
    found = find_inputs([name], out)
    assert (found.images, found.problems) == (images, [])


def test_the_home_may_be_written_as_a_tilde(folder, monkeypatch):
    """Also in lists, which no shell reads."""
    monkeypatch.setenv('HOME', str(folder))
    (folder / 'list.txt').write_text('~/x1.jpg\n~/p\n')
    found = find_inputs(['list.txt'], '~/p/out')
    assert not found.problems
    assert [os.path.relpath(path, folder) for path in found.images] == ['x1.jpg', 'p/a.PNG', 'p/b.jpg', 'p/c/d.webp']

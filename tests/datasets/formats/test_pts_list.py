"""Images of one's own with a .pts file for each, as tools/predict.py writes them."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from mmsepbn.datasets import Face300WDataset, WFLWDataset
from mmsepbn.datasets.annotation import AnnotationError
from mmsepbn.datasets.checks.found import found_in
from mmsepbn.datasets.config_sets import SetUse
from mmsepbn.datasets.formats.pts_list import folder_of
from mmsepbn.outputs.pts import pts_text


def points(count, seed):
    return np.random.default_rng(seed).uniform(10, 50, (count, 2)).round(3)


def write(folder, name, landmarks, suffix='.jpg', images=None):
    for place in (folder / name, (images or folder) / name):
        place.parent.mkdir(parents=True, exist_ok=True)
    assert cv2.imwrite(str((images or folder) / f'{name}{suffix}'), np.zeros((64, 64, 3), np.uint8))
    (folder / f'{name}.pts').write_text(pts_text(landmarks))


@pytest.mark.parametrize(('kind', 'count'), [(Face300WDataset, 68), (WFLWDataset, 98)])
def test_images_with_their_files_beside_them(tmp_path, kind, count):
    names = ('a', 'b.c', 'deep/er/d')
    for seed, (name, suffix) in enumerate(zip(names, ('.jpg', '.JPEG', '.webp'), strict=True)):
        write(tmp_path, name, points(count, seed), suffix)
    dataset = kind(data_root=str(tmp_path), ann_file='**/*.pts', pipeline=[])
    infos = [dataset.get_data_info(index) for index in range(len(dataset))]
    files = [tmp_path / 'a.jpg', tmp_path / 'b.c.JPEG', tmp_path / 'deep/er/d.webp']
    assert [info['img_path'] for info in infos] == [str(file) for file in files]
    for seed, info in enumerate(infos):
        landmarks = points(count, seed)
        np.testing.assert_allclose(info['keypoints'][0], landmarks, atol=1e-4)
        (x1, y1), (x2, y2) = landmarks.min(0), landmarks.max(0)
        np.testing.assert_allclose(info['bbox'][0], [x1, y1, x2, y2], atol=1e-4)
        assert (info['box_source'], info['subsets']) == ('landmarks', ())


@pytest.mark.parametrize('first_pixel', [0, 1])
def test_images_elsewhere_and_another_first_pixel(tmp_path, first_pixel):
    write(tmp_path / 'predictions', 'sub/a', points(68, 0), images=tmp_path / 'photos')
    dataset = Face300WDataset(
        ann_file=str(tmp_path / 'predictions' / '**' / '*.pts'),
        data_prefix=dict(img=str(tmp_path / 'photos')),
        first_pixel=first_pixel,
        pipeline=[],
    )
    info = dataset.get_data_info(0)
    assert info['img_path'] == str(tmp_path / 'photos' / 'sub' / 'a.jpg')
    written = points(68, 0) + 1  # pts_text counts from 1
    np.testing.assert_allclose(info['keypoints'][0], written - first_pixel, atol=1e-4)
    np.testing.assert_allclose(info['bbox'][0, :2], (written - first_pixel).min(0), atol=1e-4)


def test_a_folder_without_files_and_an_image_that_is_missing_are_named(tmp_path):
    with pytest.raises(AnnotationError, match=r'\*\*/\*\.pts must match \.pts files\. It matches none'):
        Face300WDataset(data_root=str(tmp_path), ann_file='**/*.pts', pipeline=[])
    write(tmp_path, 'a_2', points(68, 0))
    (tmp_path / 'a_2.jpg').unlink()
    with pytest.raises(AnnotationError, match=r'1 annotated image is missing under .*\n  a_2\.jpg'):
        Face300WDataset(data_root=str(tmp_path), ann_file='**/*.pts', pipeline=[])


def test_files_of_other_landmarks_and_links_to_the_outside_are_refused(tmp_path):
    write(tmp_path / 'faces', 'a', points(98, 0))
    with pytest.raises(AnnotationError, match=r'a\.pts:2: expected n_points: 68'):
        Face300WDataset(data_root=str(tmp_path / 'faces'), ann_file='**/*.pts', pipeline=[])
    (tmp_path / 'faces' / 'a.pts').rename(tmp_path / 'a.pts')
    (tmp_path / 'faces' / 'a.pts').symlink_to(tmp_path / 'a.pts')
    with pytest.raises(AnnotationError, match=r'outside of the data root'):
        WFLWDataset(data_root=str(tmp_path / 'faces'), ann_file='**/*.pts', pipeline=[])


def test_no_paper_counts_them(tmp_path):
    write(tmp_path, 'a', points(68, 0))
    dataset = Face300WDataset(data_root=str(tmp_path), ann_file='**/*.pts', pipeline=[])
    use = SetUse('Face300WDataset', training=True, config={})
    assert found_in(use, dataset) == 'Face300WDataset, training: faces 1; boxes around the landmarks'


@pytest.mark.parametrize(
    ('pattern', 'folder'),
    [('/d/*.pts', '/d'), ('/d/**/*.pts', '/d'), ('d/e*/*.pts', 'd'), ('/d/a.pts', '/d'), ('*.pts', '.')],
)
def test_the_folder_of_a_pattern(pattern, folder):
    assert folder_of(Path(pattern)) == Path(folder)


def test_official_folders_are_read_as_such_beside_it(tmp_path):
    write(tmp_path / 'afw', 'a', points(68, 0))
    write(tmp_path / 'ibug', 'b', points(68, 1))
    folders = [tmp_path / name for name in ('helen/trainset', 'lfpw/trainset')]
    for number, folder in enumerate(folders):
        write(folder, f'c{number}', points(68, 2))
    official = dict(boxes='landmarks', split='train', pipeline=[], data_prefix=dict(img=str(tmp_path)))
    assert len(Face300WDataset(data_root='', ann_file=str(tmp_path), **official)) == 3
    with pytest.raises(AnnotationError, match=r'Face300WDataset\(first_pixel=\) must be None for official files'):
        Face300WDataset(data_root=str(tmp_path), first_pixel=0, **official)

"""300W's boxes, JSON and real faces; wrong .pts files are in test_official_errors, round trips in test_writers."""

import json
import re
import shutil

import numpy as np
import pytest
import scipy.io
from helpers import REAL_FACES, needs_real_faces

from mmsepbn.datasets import Face300WDataset
from mmsepbn.datasets.annotation import AnnotationError
from mmsepbn.datasets.writers import write_face300w
from mmsepbn.synthetic import generate_faces


@pytest.fixture
def written(tmp_path):
    faces = list(generate_faces(3, seed=7, size=64, workers=1))
    write_face300w(tmp_path, faces, [])
    return tmp_path, faces


def boxes_of(root, folder):
    cell = scipy.io.loadmat(root / 'Bounding Boxes' / f'bounding_boxes_{folder}.mat')['bounding_boxes']
    assert cell.shape == (1, 1)
    assert cell[0, 0].shape == (1, 1)
    assert cell[0, 0].dtype.names == ('imgName', 'bb_detector', 'bb_ground_truth')
    return {name: cell[0, 0][name][0, 0][0] for name in cell[0, 0].dtype.names}


def test_boxes_are_the_detectors_with_1_subtracted(written):
    root, faces = written
    dataset = Face300WDataset(data_root=str(root))
    for index, folder in enumerate(('afw', 'helen_trainset', 'lfpw_trainset')):
        raw, info = boxes_of(root, folder), dataset.get_data_info(index)
        np.testing.assert_allclose(info['bbox'][0], raw['bb_detector'] - 1, atol=1e-4)
        np.testing.assert_allclose(info['bbox'][0], faces[index].box, atol=1e-4)
        assert np.abs(raw['bb_ground_truth'] - raw['bb_detector']).max() > 1
        assert raw['imgName'] == info['img_path'].split('/')[-1]
        assert info['box_source'] == 'official'


def test_a_damaged_file_of_boxes_is_named(written):
    root, _ = written
    file = root / 'Bounding Boxes' / 'bounding_boxes_afw.mat'
    file.write_text('text')
    with pytest.raises(AnnotationError, match=r'bounding_boxes_afw.mat must be a MATLAB file before v7.3'):
        Face300WDataset(data_root=str(root))
    scipy.io.savemat(file, {'other': 1})
    with pytest.raises(AnnotationError, match=r"bounding_boxes_afw.mat must hold 'bounding_boxes'. It holds \['other"):
        Face300WDataset(data_root=str(root))


def test_boxes_of_another_kind_are_named(written):
    root, faces = written
    file = root / 'Bounding Boxes' / 'bounding_boxes_afw.mat'
    name, box = f'{faces[0].name}.jpg', np.array([[1.0, 2.0, 60.0, 61.0]])
    for entries, message in (
        ([dict(imgName=name)], 'entry 0 must be a struct of imgName, text, and bb_detector, four numbers'),
        ([dict(imgName=name, bb_detector=box[:, :3])], 'entry 0 must be a struct'),
        ([dict(imgName=name, bb_detector='text')], 'entry 0 must be a struct'),
        ([dict(imgName=3.0, bb_detector=box)], 'entry 0 must be a struct'),
        ([dict(imgName=name, bb_detector=box), 7], 'entry 1 must be a struct'),
        ([dict(imgName=name, bb_detector=box), dict(imgName=name, bb_detector=box + 1)], 'entry 1: .* appears twice'),
    ):
        cells = np.empty((1, len(entries)), object)
        cells[0, :] = entries
        scipy.io.savemat(file, dict(bounding_boxes=cells))
        with pytest.raises(AnnotationError, match=f'bounding_boxes_afw.mat: {message}'):
            Face300WDataset(data_root=str(root))
    scipy.io.savemat(file, dict(bounding_boxes=np.ones((1, 2))))
    with pytest.raises(AnnotationError, match=r'bounding_boxes must be cells of structs. Got ndarray'):
        Face300WDataset(data_root=str(root))


def test_files_of_macos_are_skipped_and_capital_suffixes_count(written):
    root, faces = written
    (file,) = (root / 'afw').glob('*.pts')
    (root / 'afw' / f'._{file.name}').write_bytes(b'\0\5\x16\7\xb0Mac OS X')
    (root / 'afw' / f'._{file.stem}.jpg').write_bytes(b'\0\5\x16\7\xb0Mac OS X')
    file.rename(file.with_suffix('.PTS'))
    dataset = Face300WDataset(data_root=str(root))
    assert len(dataset) == 3
    assert dataset.get_data_info(0)['img_path'] == str(file.with_suffix('.jpg'))
    np.testing.assert_allclose(dataset.get_data_info(0)['keypoints'][0], faces[0].landmarks['300w'], atol=1e-4)


def test_the_private_test_set_has_no_official_boxes(written):
    root, _ = written
    with pytest.raises(AnnotationError, match=r"private test set of 300W has no official boxes; boxes='landmarks'"):
        Face300WDataset(data_root=str(root), split='private')


def test_a_folder_without_faces_is_named(written):
    root, _ = written
    with pytest.raises(AnnotationError, match=r'helen/testset must hold the .pts files of 300W \(test\)'):
        Face300WDataset(data_root=str(root), split='test')


def test_a_missing_image_is_named_and_any_usual_suffix_is_found(written):
    root, faces = written
    image = root / 'afw' / f'{faces[0].name}.jpg'
    image.rename(image.with_suffix('.PNG'))
    info = Face300WDataset(data_root=str(root)).get_data_info(0)  # the list of boxes names the .jpg
    assert info['img_path'] == str(image.with_suffix('.PNG'))
    np.testing.assert_allclose(info['bbox'][0], faces[0].box, atol=1e-4)
    info = Face300WDataset(data_root=str(root), boxes='landmarks').get_data_info(0)
    assert info['img_path'] == str(image.with_suffix('.PNG'))
    image.with_suffix('.PNG').unlink()
    with pytest.raises(AnnotationError, match=rf'image is missing under .*\n  afw/{image.name}'):
        Face300WDataset(data_root=str(root), boxes='landmarks')


def test_a_missing_png_is_a_missing_image_and_no_missing_box(written):
    root, faces = written
    image = root / 'lfpw' / 'trainset' / f'{faces[2].name}.png'
    image.unlink()
    with pytest.raises(AnnotationError, match=rf'image is missing under .*\n  lfpw/trainset/{image.stem}'):
        Face300WDataset(data_root=str(root))


def test_a_face_without_a_detector_box_is_named(written):
    root, faces = written
    stem = root / 'afw' / faces[0].name
    for suffix in ('.jpg', '.pts'):
        shutil.copy(stem.with_suffix(suffix), root / 'afw' / f'other{suffix}')
    with pytest.raises(AnnotationError, match=r'No detector box of .*afw/other\.jpg under .*Bounding Boxes'):
        Face300WDataset(data_root=str(root))


def test_1_is_subtracted_from_mmposes_json(written):
    root, faces = written
    entry = dict(id=1, image_id=1, center=[50, 60], scale=0.2, keypoints=[11.0, 21.0, 1] * 68)
    content = dict(images=[dict(id=1, file_name=f'afw/{faces[0].name}.jpg')], annotations=[entry])
    (root / 'a.json').write_text(json.dumps(content))
    info = Face300WDataset(data_root=str(root), ann_file='a.json').get_data_info(0)
    assert info['keypoints'][0].tolist() == [[10, 20]] * 68
    assert info['bbox'].tolist() == [[29, 39, 69, 79]]
    assert info['box_source'] == 'landmarks'


def test_no_annotation_file_may_be_written_as_none(written):
    root, _ = written
    assert len(Face300WDataset(data_root=str(root), ann_file=None)) == len(Face300WDataset(data_root=str(root)))


@pytest.mark.parametrize('first_pixel', [0, 1])
def test_the_first_pixel_of_a_json_of_ones_own_can_be_named(written, first_pixel):
    root, faces = written
    entry = dict(id=1, image_id=1, bbox=[30, 40, 5, 6], keypoints=[11.0, 21.0, 1] * 68)
    content = dict(images=[dict(id=1, file_name=f'afw/{faces[0].name}.jpg')], annotations=[entry])
    (root / 'a.json').write_text(json.dumps(content))
    info = Face300WDataset(data_root=str(root), ann_file='a.json', first_pixel=first_pixel).get_data_info(0)
    assert info['keypoints'][0].tolist() == [[11 - first_pixel, 21 - first_pixel]] * 68
    assert info['bbox'].tolist() == [[30 - first_pixel, 40 - first_pixel, 35 - first_pixel, 46 - first_pixel]]


def test_another_first_pixel_is_refused():
    with pytest.raises(ValueError, match=r'Face300WDataset\(first_pixel=\) must be 0, 1 or None. Got 2'):
        Face300WDataset(ann_file='a.json', first_pixel=2)


@needs_real_faces
def test_real_faces_of_ibug_are_the_challenging_ones(tmp_path):
    official = REAL_FACES / 'official' / '300W' / 'ibug'
    for folder in ('helen', 'lfpw'):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / 'testset').symlink_to(official)
    (tmp_path / 'ibug').symlink_to(official)
    dataset = Face300WDataset(data_root=str(tmp_path), split='test', boxes='landmarks', allow_outside=True)
    infos = [dataset.get_data_info(index) for index in range(len(dataset))]
    assert [info['subsets'] for info in infos] == [('common',)] * 4 + [('challenging',)] * 2
    raw = {}
    content = json.loads((REAL_FACES / '300w' / 'test_300w.json').read_text())
    names = {image['id']: image['file_name'] for image in content['images']}
    for entry in content['annotations']:
        raw[names[entry['image_id']].split('/')[-1]] = np.reshape(entry['keypoints'], (68, 3))[:, :2]
    for info in infos:
        points = raw[info['img_path'].split('/')[-1]] - 1
        np.testing.assert_allclose(info['keypoints'][0], points, atol=1e-3)
        np.testing.assert_allclose(info['bbox'][0], [*points.min(axis=0), *points.max(axis=0)], atol=1e-3)


def test_the_common_test_set_alone_needs_no_ibug(synthetic_faces, tmp_path):
    root = tmp_path / '300W'
    shutil.copytree(synthetic_faces / '300W', root)
    whole = Face300WDataset(data_root=str(root), split='test', pipeline=[])
    shutil.rmtree(root / 'ibug')
    common = Face300WDataset(data_root=str(root), split='test', subsets=('common',), pipeline=[])
    expected = [i for i in range(len(whole)) if whole.get_data_info(i)['subsets'] == ('common',)]
    assert 0 < len(expected) < len(whole)
    assert [common.get_data_info(i)['img_path'] for i in range(len(common))] == [
        whole.get_data_info(i)['img_path'] for i in expected
    ]


@pytest.mark.parametrize(('split', 'subsets'), [('test', ('commom',)), ('test', ()), ('train', ('common',))])
def test_subsets_that_there_are_not_are_refused(split, subsets):
    with pytest.raises(ValueError, match=rf"Face300WDataset\(subsets=\) of the split '{split}' must be some of"):
        Face300WDataset(data_root='.', split=split, subsets=subsets)


def test_one_subset_as_text_is_refused():
    with pytest.raises(ValueError, match=r"Face300WDataset\(subsets=\) must be a list of names, or None. Got 'common'"):
        Face300WDataset(data_root='.', split='test', subsets='common')


@pytest.mark.parametrize('ann_file', ['valid.json', '**/*.pts'])
def test_subsets_are_refused_with_files_that_have_none(ann_file):
    said = rf"subsets=\) must be left out with ann_file='{re.escape(ann_file)}': .* read whole. Got \('common',\)"
    with pytest.raises(ValueError, match=said):
        Face300WDataset(data_root='.', split='test', subsets=('common',), ann_file=ann_file)

"""What a data set's files name has to lie inside its root."""

import json
import os
import unicodedata

import cv2
import h5py
import numpy as np
import pytest
from helpers import wflw_line

from mmsepbn.datasets import COFWDataset, Face300WDataset, WFLWDataset, WiderFaceDataset
from mmsepbn.datasets.annotation import AnnotationError
from mmsepbn.datasets.converters.youtube_faces import read_frames
from mmsepbn.datasets.data_root import DataRoot
from mmsepbn.datasets.writers import write_cofw, write_face300w
from mmsepbn.synthetic import generate_faces


@pytest.fixture
def root(tmp_path):
    """A root with a file in a folder, beside a file outside."""
    root = tmp_path / 'root'
    (root / 'sub').mkdir(parents=True)
    for place in (root / 'sub', tmp_path):
        cv2.imwrite(str(place / 'face.jpg'), np.zeros((120, 120, 3), np.uint8))
    return root


def test_links_inside_and_dots_that_come_back_are_files(root):
    (root / 'link.jpg').symlink_to('sub/face.jpg')
    (root / 'folder').symlink_to('sub')
    inside = DataRoot(root)
    for name in ('sub/face.jpg', 'link.jpg', 'folder/face.jpg', 'sub/../link.jpg', './folder/../sub/face.jpg'):
        assert inside.has(root / name, 'list:1')
        assert inside.has(os.path.join(root, name), 'list:1')
    for name in ('gone.jpg', 'gone/face.jpg', 'sub/face.jpg/x'):
        assert not inside.has(root / name, 'list:1')


def test_a_root_that_is_a_link_is_the_folder_behind_it(root, tmp_path):
    (tmp_path / 'data').symlink_to('root')
    assert DataRoot(tmp_path / 'data').has(tmp_path / 'data/sub/face.jpg', 'x')
    assert DataRoot(tmp_path / 'data').has(root / 'sub/face.jpg', 'x')


@pytest.mark.parametrize(
    'name', ['../face.jpg', 'sub/../../face.jpg', 'out.jpg', 'away/face.jpg', '../gone', '/etc/passwd']
)
def test_what_leads_out_is_refused_whether_it_exists_or_not(root, tmp_path, name):
    (root / 'out.jpg').symlink_to('../face.jpg')
    (root / 'away').symlink_to(tmp_path)
    path = os.path.join(root, name)
    with pytest.raises(AnnotationError, match=f'list:4: .*{name}.* outside of the data root .*allow_outside=True'):
        DataRoot(root).has(path, 'list:4')
    assert DataRoot(root, allow_outside=True).has(path, 'list:4') is (name != '../gone')


def test_a_neighbour_whose_name_begins_alike_is_outside(root, tmp_path):
    (tmp_path / 'root2').mkdir()
    with pytest.raises(AnnotationError, match='outside of the data root'):
        DataRoot(root).has(tmp_path / 'root2' / 'a', 'x')


def test_what_is_no_file_or_no_name_is_refused(root):
    os.mkfifo(root / 'pipe')
    (root / 'circle').symlink_to('circle')
    for name, message in {
        'pipe': 'Got a pipe',
        'sub': 'Got a folder',
        'circle': 'Too many levels of symbolic links',
        'a\0b': 'null',
        '\ud800': 'surrogates not allowed',
        'n' * 300: 'File name too long',
    }.items():
        with pytest.raises(AnnotationError, match=f'list:5: .*{message}') as error:
            DataRoot(root).has(os.path.join(root, name), 'list:5')
        str(error.value).encode()


def test_each_folder_is_resolved_once(root, monkeypatch):
    resolved = []
    real = os.path.realpath
    monkeypatch.setattr(os.path, 'realpath', lambda path, **kwargs: resolved.append(path) or real(path, **kwargs))
    inside = DataRoot(root)
    for _ in range(50):
        inside.has(root / 'sub' / 'face.jpg', 'x')
    assert len(resolved) == 2


class TestDataSets:
    """Each source of names."""

    @pytest.mark.parametrize('name', ['../face.jpg', '/etc/passwd', 'away/face.jpg'])
    def test_lists(self, root, tmp_path, name):
        (root / 'away').symlink_to(tmp_path)
        (root / 'a.txt').write_text(wflw_line(image='sub/face.jpg') + '\n' + wflw_line(image=name))
        with pytest.raises(AnnotationError, match=rf'a.txt:2: .*{name}.*outside of the data root'):
            WFLWDataset(data_root=str(root), ann_file='a.txt')
        (root / 'a.txt').write_text(f'# {name}\n0 0 90 90 {"1 1 0 " * 5} 0.5\n')
        with pytest.raises(AnnotationError, match=rf'a.txt:2: .*{name}.*outside of the data root'):
            WiderFaceDataset(data_root=str(root), ann_file='a.txt')

    def json(self, root, name):
        face = dict(id=9, image_id=1, bbox=[1, 2, 30, 40], keypoints=[1.0, 2.0, 1] * 98)
        content = dict(images=[dict(id=1, file_name=str(name))], annotations=[face])
        (root / 'a.json').write_text(json.dumps(content))

    @pytest.mark.parametrize('written', ['NFC', 'NFD'])
    def test_a_name_in_another_unicode_form_is_said(self, root, written):
        there = 'NFD' if written == 'NFC' else 'NFC'
        (root / unicodedata.normalize(there, 'köpfe.jpg')).touch()
        name = unicodedata.normalize(written, 'köpfe.jpg')
        self.json(root, name)
        with pytest.raises(AnnotationError) as error:
            WFLWDataset(data_root=str(root), ann_file='a.json')
        said = f'1 annotated image is missing under {root}/:\n  {name} (it is there in another Unicode form)'
        assert str(error.value).replace(f'{root}:', f'{root}/:') == said

    def test_json(self, root, tmp_path):
        self.json(root, tmp_path / 'face.jpg')
        with pytest.raises(AnnotationError, match=r'a.json: annotation 9: .*face.jpg.*outside of the data root'):
            WFLWDataset(data_root=str(root), ann_file='a.json')
        info = WFLWDataset(data_root=str(root), ann_file='a.json', allow_outside=True).get_data_info(0)
        assert info['img_path'] == str(tmp_path / 'face.jpg')
        self.json(root, root / 'sub/face.jpg')
        assert len(WFLWDataset(data_root=str(root), ann_file='a.json')) == 1

    def test_what_the_config_names_may_be_anywhere(self, root, tmp_path):
        self.json(tmp_path, 'face.jpg')
        (root / 'images').symlink_to(tmp_path)
        (root / 'a.json').symlink_to(tmp_path / 'a.json')
        for prefix in (str(tmp_path), 'images', '..'):
            faces = WFLWDataset(data_root=str(root), ann_file='a.json', data_prefix=dict(img=prefix))
            assert os.path.samefile(faces.get_data_info(0)['img_path'], tmp_path / 'face.jpg')
        assert len(WFLWDataset(ann_file=str(tmp_path / 'a.json'), data_prefix=dict(img=str(tmp_path)))) == 1

    def test_trees_of_300w(self, root, tmp_path):
        write_face300w(root, list(generate_faces(3, seed=7, size=64, workers=1)), [])
        (file,) = (root / 'afw').glob('*.pts')
        outside = file.rename(tmp_path / 'a.pts')
        file.symlink_to(outside)
        with pytest.raises(AnnotationError, match=rf'{file.name}.* leads to {outside}, outside of the data root'):
            Face300WDataset(data_root=str(root))
        assert len(Face300WDataset(data_root=str(root), allow_outside=True)) == 3
        file.unlink()
        outside.rename(file)
        boxes = root / 'Bounding Boxes' / 'bounding_boxes_afw.mat'
        boxes.rename(tmp_path / 'boxes.mat')
        boxes.symlink_to(tmp_path / 'boxes.mat')
        with pytest.raises(AnnotationError, match=r'bounding_boxes_afw.mat.*outside of the data root'):
            Face300WDataset(data_root=str(root))

    @pytest.mark.parametrize('key', ['IsTr', 'phisTr', 'bboxesTr'])
    @pytest.mark.parametrize('way', ['external link', 'virtual', 'external storage'])
    def test_hdf5(self, root, tmp_path, key, way):
        write_cofw(root, list(generate_faces(2, seed=5, size=64, workers=1)), [])
        file = root / 'COFW_train_color.mat'
        outside = tmp_path / 'a.mat'
        outside.write_bytes(file.read_bytes())
        with h5py.File(file, 'a') as opened:
            shape = opened[key].shape
            del opened[key]
            if way == 'external link':
                opened[key] = h5py.ExternalLink(str(outside), f'/{key}')
            elif way == 'virtual':
                layout = h5py.VirtualLayout(shape, 'f8')
                layout[:] = h5py.VirtualSource(str(outside), key, shape=shape)
                opened.create_virtual_dataset(key, layout)
            else:
                opened.create_dataset(key, shape, 'f8', external=[(str(outside), 0, 10_000)])
        with pytest.raises(
            AnnotationError, match=f"COFW_train_color.mat: '{key}' must be (an array of|stored in) this file"
        ):
            COFWDataset(data_root=str(root), ann_file=file.name)

    def test_tables_of_youtube_faces(self, root):
        numbers = ',1.0' * 136
        for part in ('training', 'test'):
            (root / part).mkdir()
            (root / f'{part}_frames_keypoints.csv').write_text(f',0\nA_1.jpg{numbers}\n../../face.jpg{numbers}\n')
        with pytest.raises(AnnotationError, match=r'training_frames_keypoints.csv:3: .*face.jpg.*outside of the data'):
            read_frames(root)


def test_300ws_own_folders_may_lie_on_another_disk(tmp_path):
    write_face300w(tmp_path / 'disk', list(generate_faces(5, size=64, workers=1)), [])
    linked = tmp_path / '300W'
    linked.mkdir()
    for folder in (tmp_path / 'disk').iterdir():
        (linked / folder.name).symlink_to(folder)
    here, there = (Face300WDataset(data_root=str(root), pipeline=[]) for root in (tmp_path / 'disk', linked))
    assert len(here) == len(there) == 5
    points = next((tmp_path / 'disk').rglob('*.pts'))
    (tmp_path / 'away.pts').write_bytes(points.read_bytes())
    points.unlink()
    points.symlink_to(tmp_path / 'away.pts')
    with pytest.raises(AnnotationError, match='outside of the data root'):
        Face300WDataset(data_root=str(linked), pipeline=[])


def test_images_may_be_named_from_the_working_folder(tmp_path, monkeypatch):
    (tmp_path / 'images').mkdir()
    cv2.imwrite(str(tmp_path / 'images' / 'face.jpg'), np.zeros((120, 120, 3), np.uint8))
    (tmp_path / 'lists').mkdir()
    (tmp_path / 'lists' / 'faces.txt').write_text(wflw_line(image='images/face.jpg') + '\n')
    monkeypatch.chdir(tmp_path)
    dataset = WFLWDataset(ann_file='lists/faces.txt', pipeline=[])
    assert dataset.get_data_info(0)['img_path'] == 'images/face.jpg'

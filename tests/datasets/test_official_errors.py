"""What is wrong with an official file is said with its name and place."""

import h5py
import numpy as np
import pytest
import scipy.io
from helpers import REAL_FACES, needs_real_faces

from mmsepbn.datasets import AFLWDataset, COFWDataset, Face300WDataset, WiderFaceDataset
from mmsepbn.datasets.annotation import AnnotationError
from mmsepbn.datasets.formats.pts_file import read_pts
from mmsepbn.datasets.writers import write_aflw, write_cofw, write_face300w
from mmsepbn.protocols import FACE_300W
from mmsepbn.synthetic import generate_faces

PTS = 'version: 1\nn_points:  68 \n{\n' + '\n'.join(f'{i}.5   {2 * i} ' for i in range(1, 69)) + '\n}\n'


@pytest.fixture(scope='module')
def faces():
    return list(generate_faces(6, seed=4, size=64, workers=1))


class TestCOFW:
    def load(self, root):
        return COFWDataset(data_root=str(root), ann_file='COFW_train_color.mat')

    def test_another_file_format_is_named(self, tmp_path):
        (tmp_path / 'COFW_train_color.mat').write_text('MATLAB 5.0')
        with pytest.raises(AnnotationError, match=r'COFW_train_color.mat must be a MATLAB v7.3'):
            self.load(tmp_path)

    def test_wrong_keys_and_shapes_are_named(self, tmp_path, faces):
        write_cofw(tmp_path, faces[:2], faces[2:])
        with h5py.File(tmp_path / 'COFW_train_color.mat', 'a') as file:
            kept = file['bboxesTr'][()]
            del file['bboxesTr']
        with pytest.raises(AnnotationError, match=r"must hold 'bboxesTr'. It holds"):
            self.load(tmp_path)
        with h5py.File(tmp_path / 'COFW_train_color.mat', 'a') as file:
            file['bboxesTr'] = kept[:3]
        with pytest.raises(AnnotationError, match=r'boxes \(4, 2\). Got \(87, 2\) and \(3, 2\)'):
            self.load(tmp_path)

    def test_a_bad_occlusion_flag_names_the_face(self, tmp_path, faces):
        write_cofw(tmp_path, faces[:2], faces[2:])
        with h5py.File(tmp_path / 'COFW_train_color.mat', 'a') as file:
            file['phisTr'][60, 1] = 7
        with pytest.raises(AnnotationError, match=r'face 1: occlusion must be 0 or 1. Got .*7'):
            self.load(tmp_path)


class TestAFLW:
    def load(self, root, **kwargs):
        prefix = dict(img='aflw/data/flickr')
        return AFLWDataset(**(dict(data_root=str(root), ann_file='AFLWinfo_release.mat', data_prefix=prefix) | kwargs))

    def change(self, root, **values):
        file = root / 'AFLWinfo_release.mat'
        content = {k: v for k, v in scipy.io.loadmat(file).items() if not k.startswith('__')}
        scipy.io.savemat(file, content | values)

    def test_split_and_sizes(self, tmp_path, faces):
        write_aflw(tmp_path, faces[:4], faces[4:])
        assert len(self.load(tmp_path, num_train=4)) == 4
        assert len(self.load(tmp_path, num_train=4, split='test')) == 2
        with pytest.raises(AnnotationError, match=r'holds 6 faces; AFLWDataset\(num_train=\) is 20000'):
            self.load(tmp_path)
        with pytest.raises(ValueError, match=r"split=\) must be 'train' or 'test'. Got 'val'"):
            self.load(tmp_path, split='val')

    def test_the_order_is_taken_from_ra_and_checked(self, tmp_path, faces):
        write_aflw(tmp_path, faces[:4], faces[4:])
        self.change(tmp_path, ra=np.array([[6, 5, 4, 3, 2, 1]]))
        first = self.load(tmp_path, num_train=4).get_data_info(0)
        np.testing.assert_allclose(first['keypoints'][0], faces[5].landmarks['aflw'], atol=1e-4)
        self.change(tmp_path, ra=np.array([[1, 1, 2, 3, 4, 5]]))
        with pytest.raises(AnnotationError, match='ra must be an order of 1 to 6'):
            self.load(tmp_path, num_train=4)

    def test_wrong_shapes_are_named(self, tmp_path, faces):
        write_aflw(tmp_path, faces[:4], faces[4:])
        self.change(tmp_path, data=np.zeros((6, 42)))
        with pytest.raises(AnnotationError, match=r'data must have shape \(6, 38\). Got \(6, 42\)'):
            self.load(tmp_path, num_train=4)

    def test_a_png_name_falls_back_to_the_jpg(self, tmp_path, faces):
        write_aflw(tmp_path, faces[:4], faces[4:])
        names = scipy.io.loadmat(tmp_path / 'AFLWinfo_release.mat')['nameList']
        names[0, 0] = np.array(['0/image00000.png'])
        self.change(tmp_path, nameList=names)
        assert self.load(tmp_path, num_train=4).get_data_info(0)['img_path'].endswith('0/image00000.jpg')


class TestFace300W:
    def test_pts_files_count_from_1(self, tmp_path):
        (tmp_path / 'a.pts').write_text(PTS)
        points = read_pts(tmp_path / 'a.pts', 68)
        assert points[0].tolist() == [0.5, 1.0]
        assert points[67].tolist() == [67.5, 135.0]

    @pytest.mark.parametrize(
        ('text', 'message'),
        [
            (PTS.replace('{', ''), r'a.pts: expected the points between'),
            (PTS.replace('3.5   6 ', '3.5'), r'a.pts:6: expected x and y. Got 1'),
            (PTS.replace('3.5   6 ', '3.5 six'), r"a.pts:6: field 1 must be a number. Got 'six'"),
            (PTS.replace('3.5   6 \n', ''), r'a.pts: expected 68 points. Got 67'),
            (PTS.replace('3.5   6 ', '3.5 1_0'), r"a.pts:6: field 1 must be a number. Got '1_0'"),
            (PTS.replace('{', '}').replace('\n}\n', '\n{\n'), r'a.pts: expected the points between'),
            (PTS.replace('version: 1', 'version: 1 \0'), r'a.pts:1: must be text in UTF-8. Got a NUL byte'),
            (PTS.replace('points:  68', 'points: 67'), r"a.pts:2: expected n_points: 68. Got 'n_points: 67'"),
        ],
    )
    def test_a_bad_pts_file_names_file_and_line(self, tmp_path, text, message):
        (tmp_path / 'a.pts').write_text(text)
        with pytest.raises(AnnotationError, match=message):
            read_pts(tmp_path / 'a.pts', FACE_300W.num_landmarks)

    def test_comments_and_other_encodings(self, tmp_path):
        (tmp_path / 'a.pts').write_bytes(b'\xef\xbb\xbf' + PTS.replace('version', '# é\nversion').encode())
        assert read_pts(tmp_path / 'a.pts', 68)[67].tolist() == [67.5, 135.0]
        (tmp_path / 'a.pts').write_bytes(PTS.replace('version', '# é\nversion').encode('latin-1'))
        with pytest.raises(AnnotationError, match=r'a.pts:1: must be text in UTF-8. Got byte 0xe9'):
            read_pts(tmp_path / 'a.pts', 68)

    def test_missing_folders_and_boxes_are_named(self, tmp_path, faces):
        with pytest.raises(AnnotationError, match=r'afw must hold the .pts files'):
            Face300WDataset(data_root=str(tmp_path))
        write_face300w(tmp_path, faces[:3], faces[3:])
        file = tmp_path / 'Bounding Boxes' / 'bounding_boxes_afw.mat'
        file.rename(tmp_path / 'elsewhere.mat')
        with pytest.raises(AnnotationError, match=r"bounding_boxes_afw.mat does not exist; boxes='landmarks' takes"):
            Face300WDataset(data_root=str(tmp_path))
        info = Face300WDataset(data_root=str(tmp_path), boxes='landmarks').get_data_info(0)
        assert info['box_source'] == 'landmarks'
        assert info['bbox'][0].tolist() == [*info['keypoints'][0].min(axis=0), *info['keypoints'][0].max(axis=0)]
        (tmp_path / 'Bounding Boxes' / 'bounding_boxes_helen_trainset.mat').rename(file)
        with pytest.raises(AnnotationError, match=r'No detector box of .*afw'):
            Face300WDataset(data_root=str(tmp_path))

    def test_a_blank_in_a_name_is_no_obstacle(self, tmp_path, faces):
        write_face300w(tmp_path, faces[:3], faces[3:])
        for file in list((tmp_path / 'afw').iterdir()):
            file.rename(file.with_name(file.name.replace('face_', 'face _')))
        assert ' ' in Face300WDataset(data_root=str(tmp_path)).get_data_info(0)['img_path']

    def test_bad_arguments_are_named(self):
        with pytest.raises(ValueError, match=r"split=\) must be one of \['private', 'test', 'train'\]. Got 'full'"):
            Face300WDataset(split='full')
        with pytest.raises(ValueError, match=r"boxes=\) must be 'official' or 'landmarks'. Got 'tight'"):
            Face300WDataset(boxes='tight')

    @needs_real_faces
    def test_real_faces_agree_with_mmposes_json(self, tmp_path):
        root = tmp_path / '300W'
        (root / '300W').mkdir(parents=True)
        for part in ('01_Indoor', '02_Outdoor'):
            (root / '300W' / part).symlink_to(REAL_FACES / 'official' / '300W' / '300W' / '01_Indoor')
        official = Face300WDataset(data_root=str(root), split='private', boxes='landmarks', allow_outside=True)
        converted = Face300WDataset(data_root=str(REAL_FACES / '300w'), ann_file='test_300w.json')
        twins = {converted.get_data_info(i)['img_path'].split('/')[-1]: converted.get_data_info(i) for i in range(2)}
        assert len(official) == 4
        for i in range(4):
            info = official.get_data_info(i)
            np.testing.assert_allclose(
                info['keypoints'], twins[info['img_path'].split('/')[-1]]['keypoints'], atol=1e-3
            )


class TestWiderFace:
    GOOD = '449 330 122 149 488.9 373.6 0 542.1 376.4 1 515.0 412.8 0 485.2 425.9 0 538.4 431.5 0 0.82 '

    def load(self, root, lines, **kwargs):
        (root / 'label.txt').write_text('\n'.join(lines))
        return WiderFaceDataset(data_root=str(root), ann_file='label.txt', **kwargs)

    def test_masks_and_sizes(self, tmp_path):
        missing = self.GOOD.replace('542.1 376.4 1', '-1 -1 -1')
        none = '0 0 200 200 ' + '-1 -1 -1 ' * 5 + '0.1'
        small = self.GOOD.replace('449 330 122 149', '449 330 80 149')
        dataset = self.load(tmp_path, ['# label.txt', self.GOOD, missing, none, small])
        assert len(dataset) == 2
        assert dataset.get_data_info(0)['bbox'].tolist() == [[449, 330, 571, 479]]
        assert dataset.get_data_info(0)['keypoints_visible'].tolist() == [[1, 1, 1, 1, 1]]
        assert dataset.get_data_info(1)['keypoints_visible'].tolist() == [[1, 0, 1, 1, 1]]
        assert len(self.load(tmp_path, ['# label.txt', self.GOOD, small], min_size=79)) == 2

    @pytest.mark.parametrize(
        ('line', 'message'),
        [
            ('1 2 3 4', r'label.txt:2: expected 20 numbers.* Got 4; the lists of validation and test'),
            (GOOD.replace('542.1 376.4 1', '-1 376.4 -1'), r'label.txt:2: flag -1 must go exactly with'),
            (GOOD.replace('0.82', 'x'), r"label.txt:2: field 19 must be a number. Got 'x'"),
        ],
    )
    def test_a_bad_line_is_named(self, tmp_path, line, message):
        with pytest.raises(AnnotationError, match=message):
            self.load(tmp_path, ['# label.txt', line])

    def test_a_face_before_any_image_is_named(self, tmp_path):
        with pytest.raises(AnnotationError, match=r'label.txt:1: expected "# <image>"'):
            self.load(tmp_path, [self.GOOD])

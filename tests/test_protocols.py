import json
from dataclasses import asdict
from pathlib import Path

import mmpose
import numpy as np
import pytest
from mmengine.config import Config

from mmsepbn import protocols
from mmsepbn.datasets.pose_metainfo import pose_metainfo
from mmsepbn.protocols import (
    PROTOCOLS,
    WFLW,
    WIDER_FACE,
    Part,
    Protocol,
    derived_landmarks,
    get_protocol,
    register_protocol,
)
from mmsepbn.synthetic import generate_faces

MMPOSE_DATASETS = Path(mmpose.__file__).parent / '.mim' / 'configs' / '_base_' / 'datasets'


@pytest.mark.parametrize(('name', 'count'), [('cofw', 29), ('aflw', 19), ('wflw', 98), ('300w', 68), ('wider_face', 5)])
def test_landmark_counts(name, count):
    assert get_protocol(name).num_landmarks == count


@pytest.mark.parametrize('protocol', PROTOCOLS.values(), ids=PROTOCOLS)
def test_flipping_twice_is_the_identity(protocol):
    flip = np.array(protocol.flip_indices)
    assert flip[flip].tolist() == list(range(protocol.num_landmarks))


@pytest.mark.parametrize('name', ['cofw', 'aflw', 'wflw', '300w'])
def test_flips_agree_with_mmpose(name):
    info = Config.fromfile(MMPOSE_DATASETS / f'{name}.py')['dataset_info']['keypoint_info']
    index = {point['name']: i for i, point in info.items()}
    expected = [index[info[i]['swap']] if info[i]['swap'] else i for i in range(len(info))]
    assert list(PROTOCOLS[name].flip_indices) == expected


@pytest.mark.parametrize('protocol', PROTOCOLS.values(), ids=PROTOCOLS)
def test_parts_cover_every_landmark_once_and_mirror_each_other(protocol):
    indices = [i for part in protocol.parts for i in part.indices]
    assert sorted(indices) == list(range(protocol.num_landmarks))
    for part in protocol.parts:
        if part.name.startswith('left_'):
            twin = protocol.part(part.name.replace('left_', 'right_'))
            assert {protocol.flip_indices[i] for i in part.indices} == set(twin.indices)


@pytest.mark.parametrize(
    ('name', 'corners'), [('cofw', (8, 9)), ('wflw', (60, 72)), ('300w', (36, 45)), ('aflw', (6, 11))]
)
def test_outer_eye_corners(name, corners):
    assert get_protocol(name).eye_corners == corners
    assert get_protocol(name).flip_indices[corners[0]] == corners[1]


def test_eye_corner_normalizer_is_the_distance_of_these_two_points_alone():
    landmarks = np.full((1, 98, 2), 1e6)
    landmarks[0, 60], landmarks[0, 72] = (10, 20), (13, 24)
    assert WFLW.normalizers(landmarks, np.zeros((1, 4))).tolist() == [5.0]


def test_box_side_normalizer_is_the_longer_side():
    boxes = np.array([[10, 20, 40, 60], [0, 0, 7, 3]])
    assert WIDER_FACE.normalizers(np.zeros((2, 5, 2)), boxes).tolist() == [40, 7]
    assert get_protocol('aflw').normalizer == 'box_side'


def test_unknown_names_list_the_known_ones():
    with pytest.raises(ValueError, match=r"knows \['300w', 'aflw', 'cofw', 'wflw', 'wider_face'\]. Got 'lapa'"):
        get_protocol('lapa')
    with pytest.raises(ValueError, match=r"of wider_face knows .*'mouth'.*Got 'chin'"):
        WIDER_FACE.part('chin')


FOUR = dict(name='four', num_landmarks=4, flip_pairs=((0, 1),), normalizer='eye_corners', eye_corners=(0, 1))


def test_a_registered_protocol_is_known_by_its_name(monkeypatch):
    monkeypatch.setattr(protocols, '_known', dict(PROTOCOLS))
    with pytest.raises(ValueError, match="Got 'four'"):
        get_protocol('four')
    assert register_protocol(Protocol(**FOUR)) is get_protocol('four')
    assert (protocols.is_known('four'), protocols.is_known('five')) == (True, False)
    register_protocol(Protocol(**FOUR))
    with pytest.raises(ValueError, match="there is another protocol named 'four'"):
        register_protocol(Protocol(**FOUR | dict(eye_corners=(1, 0))))
    with pytest.raises(ValueError, match="another protocol named 'wflw'"):
        register_protocol(Protocol(**FOUR | dict(name='wflw')))
    assert 'four' not in PROTOCOLS  # the paper's


@pytest.mark.parametrize(
    ('change', 'message'),
    [
        (dict(name=''), r"Protocol\(name=\) must have letters and no '.' or '/'. Got ''"),
        (dict(name='a.b'), "Got 'a.b'"),
        (dict(name='a/b'), "Got 'a/b'"),
        (dict(normalizer='eyes'), r"must be one of \('eye_corners', 'box_side'\). Got 'eyes'"),
        (dict(eye_corners=None), r'Protocol\(eye_corners=\) of four must be set'),
        (dict(eye_corners=(0, 4)), r'Protocol\(eye_corners=\) of four must lie in \[0, 4\). Got \[4\]'),
        (dict(flip_pairs=((0, 1), (-1, 2))), r'flip_pairs=\) of four must lie in .* Got \[-1\]'),
        (dict(flip_pairs=((0, 1), (1, 2))), r'flip_pairs=\) of four must name each landmark once. Got twice: \[1\]'),
        (dict(flip_pairs=((2, 2),)), r'Got twice: \[2\]'),
        (dict(parts=(Part('a', (1, 5)),)), r'parts=\) of four must lie in .* Got \[5\]'),
        (dict(nose_tip=9), r'nose_tip=\) of four must lie in .* Got \[9\]'),
        (dict(name=3), "must have letters and no '.' or '/'. Got 3"),
        (dict(num_landmarks='6'), r"num_landmarks=\) of four must be a whole number above 0. Got '6'"),
        (dict(num_landmarks=6.0), 'Got 6.0'),
        (dict(num_landmarks=0), 'must be a whole number above 0. Got 0'),
        (dict(num_landmarks=True), 'Got True'),
        (dict(flip_pairs=(0, 3)), r'flip_pairs=\) of four must be pairs of whole numbers. Got \(0, 3\)'),
        (dict(flip_pairs=((0, 1, 2),)), r'Got \(\(0, 1, 2\),\)'),
        (dict(flip_pairs=((0, 1.5),)), r'Got \(\(0, 1.5\),\)'),
        (dict(flip_pairs=None), 'Got None'),
        (dict(eye_corners=(1,)), r'eye_corners=\) of four must be two whole numbers, or None. Got \(1,\)'),
        (dict(eye_corners=(0, 0)), r'eye_corners=\) of four must be two landmarks. Got \(0, 0\)'),
        (dict(eye_corners=2), 'Got 2'),
        (dict(nose_tip='a'), r"nose_tip=\) of four must be a whole number, or None. Got 'a'"),
        (dict(parts=(Part('a', 3),)), r'parts=\) of four must be Parts with a name and whole numbers. Got .*indices=3'),
        (dict(parts=('a',)), r"Got \('a',\)"),
        (dict(parts=Part('a', (0,))), r'Parts with a name and whole numbers. Got Part\('),
        (dict(parts=(Part(3, (0,)),)), 'Got .*name=3'),
        (dict(subsets='frontal'), r"subsets=\) of four must be texts. Got 'frontal'"),
        (dict(parts=(Part('a', (0,)), Part('a', (1,)))), r"must have names of their own. Got twice: \['a'\]"),
    ],
)
def test_a_protocol_that_contradicts_itself_is_refused(change, message):
    Protocol(**FOUR)
    with pytest.raises(ValueError, match=message):
        Protocol(**FOUR | change)


def test_numbers_of_numpy_become_plain_ones():
    fields = dict(num_landmarks=np.int64(4), flip_pairs=np.array([[0, 1]]), eye_corners=[np.int32(0), 1])
    made = Protocol(**FOUR | fields | dict(parts=[Part('all', range(4))], nose_tip=np.int64(2), subsets=['a']))
    json.dumps(asdict(made))  # as the metadata of an exported network
    assert made == Protocol(
        **FOUR
        | dict(flip_pairs=((0, 1),), eye_corners=(0, 1), nose_tip=2, subsets=('a',))
        | dict(parts=(Part('all', (0, 1, 2, 3)),))
    )
    assert hash(made)


def test_landmarks_without_a_part_have_metainfo_too():
    info = pose_metainfo(Protocol(**FOUR | dict(parts=(Part('left_eye', (0, 2)),))))
    assert [point['swap'] for point in info['keypoint_info'].values()] == ['kpt-1', 'kpt-0', '', '']
    assert [link['link'] for link in info['skeleton_info'].values()] == [('kpt-0', 'kpt-2')]
    colors = [point['color'] for point in info['keypoint_info'].values()]
    assert colors[0] == colors[2] != colors[1] == colors[3]


def test_sparser_mark_ups_read_off_300w():
    landmarks = np.arange(136.0).reshape(68, 2)
    assert np.array_equal(derived_landmarks(landmarks, '300w', '300w'), landmarks)
    aflw = derived_landmarks(landmarks, '300w', 'aflw')
    assert aflw.shape == (19, 2)
    assert np.array_equal(aflw[[0, 6, 11, 13, 18]], landmarks[[17, 36, 45, 30, 8]])
    assert np.array_equal(aflw[7], landmarks[36:42].mean(axis=0))
    assert np.array_equal(aflw[16], (landmarks[62] + landmarks[66]) / 2)
    five = derived_landmarks(landmarks, '300w', 'wider_face')
    assert np.array_equal(five[[2, 3, 4]], landmarks[[30, 48, 54]])
    with pytest.raises(ValueError, match=r"knows 300w to aflw, .*, wflw to cofw\. Got '300w' to 'wflw'"):
        derived_landmarks(landmarks, '300w', 'wflw')


def test_reading_off_300w_commutes_with_mirroring():
    landmarks = np.random.default_rng(0).uniform(0, 100, (68, 2))
    mirrored = landmarks[list(get_protocol('300w').flip_indices)]
    for name in ('aflw', 'wider_face'):
        flip = list(get_protocol(name).flip_indices)
        expected = derived_landmarks(landmarks, '300w', name)[flip]
        np.testing.assert_allclose(derived_landmarks(mirrored, '300w', name), expected)


def test_five_points_of_a_drawn_head_are_the_same_in_every_mark_up():
    for face in generate_faces(3, size=64, workers=1):
        expected = face.landmarks['wider_face']
        eyes = np.linalg.norm(expected[0] - expected[1])
        for name, protocol in PROTOCOLS.items():
            landmarks = face.landmarks[name]
            found = derived_landmarks(landmarks, name, 'wider_face')
            assert np.linalg.norm(found - expected, axis=1)[:2].max() < 0.03 * eyes, name
            assert found[2:] == pytest.approx(expected[2:]), name
            assert landmarks[protocol.nose_tip] == pytest.approx(expected[2]), name


def test_five_points_commute_with_mirroring():
    flip = list(get_protocol('wider_face').flip_indices)
    for name, protocol in PROTOCOLS.items():
        landmarks = np.random.default_rng(0).uniform(0, 100, (protocol.num_landmarks, 2))
        mirrored = derived_landmarks(landmarks[list(protocol.flip_indices)], name, 'wider_face')
        np.testing.assert_allclose(mirrored, derived_landmarks(landmarks, name, 'wider_face')[flip])
    with pytest.raises(ValueError, match=r"knows .* Got 'face'"):
        derived_landmarks(np.zeros((5, 2)), 'face', 'wider_face')


def test_cofw_read_off_wflw_is_what_cofw_marks_on_a_drawn_face():
    for face in generate_faces(6, seed=3, workers=1):
        read_off, marked = derived_landmarks(face.landmarks['wflw'], 'wflw', 'cofw'), face.landmarks['cofw']
        away = np.linalg.norm(read_off - marked, axis=1) / np.linalg.norm(marked[8] - marked[9])
        assert away.max() < 0.05, (face.name, away.round(3))


def test_aflw_read_off_300w_is_what_aflw_marks_on_a_drawn_face():
    for face in generate_faces(3, size=64, seed=3, workers=1):
        read_off, marked = derived_landmarks(face.landmarks['300w'], '300w', 'aflw'), face.landmarks['aflw']
        away = np.linalg.norm(read_off - marked, axis=1) / np.linalg.norm(marked[6] - marked[11])
        assert away[:6].max() < 0.1, (face.name, away.round(3))  # brows are drawn otherwise in each
        assert away[6:].max() < 0.04, (face.name, away.round(3))

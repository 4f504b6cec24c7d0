"""The three real protocols: how downloads are dealt to parts, what their metrics are, and how the page shows them."""

from collections import Counter
from itertools import pairwise

import numpy as np
import pytest

from benchmarks.method.columns import column_table
from benchmarks.method.cross_protocol import FivePointMetric, OwnProtocolMetric
from benchmarks.method.data_curve import curves, draw
from benchmarks.method.page import MeasuredTable
from benchmarks.method.prepare_downloads import prepare_downloads
from mmsepbn import protocols
from mmsepbn.experiments.table import Row, Table

WFLW_LIST = 'WFLW_annotations/list_98pt_rect_attr_train_test/list_98pt_rect_attr_{}.txt'
TRAINING = {'afw': '{}_1', 'helen/trainset': '{}_2', 'lfpw/trainset': 'image_{:04d}'}


@pytest.fixture(autouse=True)
def no_new_protocols(monkeypatch):
    monkeypatch.setattr(protocols, '_known', dict(protocols._known))


def fill(path, text=''):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


@pytest.fixture
def downloads(tmp_path):
    """Names without faces: 270 of 300W and 20 for its test, 249 of WFLW on 83 images, 120 of 40 people."""
    root = tmp_path / 'downloads'
    for folder, name in TRAINING.items():
        for number in range(80):
            fill(root / '300W' / folder / f'{name.format(number)}.pts', f'{folder} {number}')
            fill(root / '300W' / folder / f'{name.format(number)}.jpg')
    for number in range(30):  # more faces of photographs that are there
        fill(root / '300W' / 'helen' / 'trainset' / f'{number}_3.pts')
    for number in range(10):
        for folder in ('helen/testset', 'lfpw/testset'):
            fill(root / '300W' / folder / f'{number}_1.pts')
    fill(root / '300W' / 'Bounding Boxes' / 'boxes.mat')
    images = [f'{number % 7}--Event/{number}.jpg' for number in range(83)]
    lines = [f'{face} {images[face % 83]}' for face in range(3 * 83)]
    fill(root / 'WFLW' / WFLW_LIST.format('train'), '\n'.join(lines))
    for image in images:
        fill(root / 'WFLW' / 'WFLW_images' / image, image)
    labels = [f'# 0--LFW/Person_{number // 3}_{number % 3:04d}.jpg\n{number} 1 2' for number in range(120)]
    fill(root / 'WIDER_FACE' / 'train' / 'label.txt', '\n'.join(labels))
    for label in labels:
        fill(root / 'WIDER_FACE' / 'train' / 'images' / label.split()[1], label)
    return root


def names(folder, pattern='*.pts'):
    return {str(path.relative_to(folder)) for path in folder.rglob(pattern)}


def test_300w_is_dealt_by_photograph_and_its_subsets_are_nested(downloads, tmp_path):
    out = tmp_path / 'out'
    parts = prepare_downloads(downloads / '300W', out)
    assert parts['300w/50'] == ('train', ['300W'])
    assert parts['300w/test'] == ('common', ['300W'])
    assert set(parts) == {f'300w/{part}' for part in ('whole', 'train', 'validation', 'test', 50, 200, 800)}
    found = {part: names(out / part / '300W') for part in parts}
    whole = found['300w/whole']
    assert whole == {name for name in names(downloads / '300W') if 'testset' not in name}
    assert found['300w/test'] == names(downloads / '300W') - whole
    assert found['300w/train'] | found['300w/validation'] == whole
    photographs = [
        {name.rpartition('_')[0] for name in found[part] if not name.startswith('lfpw')}
        for part in ('300w/train', '300w/validation')
    ]
    assert photographs[1]
    assert not photographs[0] & photographs[1]
    assert [len(found[f'300w/{count}']) for count in (50, 200, 800)] == [50, 200, 270]
    assert all(few <= more for few, more in pairwise(found[f'300w/{count}'] for count in (50, 200, 800)))
    for name in found['300w/50']:
        assert (out / '300w/50/300W' / name).read_bytes() == (downloads / '300W' / name).read_bytes()
    assert all((out / part / '300W' / 'Bounding Boxes' / 'boxes.mat').exists() for part in parts)


def test_a_subset_stays_when_other_faces_go(downloads, tmp_path):
    prepare_downloads(downloads / '300W', tmp_path / 'out')
    first = names(tmp_path / 'out' / '300w' / '50')
    gone = sorted(names(tmp_path / 'out' / '300w' / '800') - first)[:100]
    for name in gone:
        (downloads / name).unlink()
    prepare_downloads(downloads / '300W', tmp_path / 'again')
    assert names(tmp_path / 'again' / '300w' / '50') == first


def test_wflw_is_dealt_by_image(downloads, tmp_path):
    parts = prepare_downloads(downloads, tmp_path)
    assert set(parts) >= {'wflw/train', 'wflw/test', 'lfw/train', 'lfw/test', '300w/whole'}
    lines = {
        part: (tmp_path / 'wflw' / part / 'WFLW' / WFLW_LIST.format(part)).read_text().splitlines()
        for part in ('train', 'test')
    }
    assert Counter(lines['train'] + lines['test']) == Counter(
        (downloads / 'WFLW' / WFLW_LIST.format('train')).read_text().splitlines()
    )
    assert len(lines['train']) == 198
    images = {part: {line.split()[1] for line in kept} for part, kept in lines.items()}
    assert not images['train'] & images['test']
    for part, kept in images.items():
        assert names(tmp_path / 'wflw' / part / 'WFLW' / 'WFLW_images', '*.jpg') == kept


def test_five_point_faces_are_dealt_by_person(downloads, tmp_path):
    prepare_downloads(downloads, tmp_path)
    text = {
        part: (tmp_path / 'lfw' / part / 'WIDER_FACE' / 'train' / 'label.txt').read_text() for part in ('train', 'test')
    }
    people = {part: {line.rsplit('_', 1)[0] for line in its.splitlines()[::2]} for part, its in text.items()}
    assert people['test']
    assert len(people['train'] | people['test']) == len(people['train']) + len(people['test']) == 40
    assert sorted((text['train'] + text['test']).splitlines()) == sorted(
        (downloads / 'WIDER_FACE' / 'train' / 'label.txt').read_text().splitlines()
    )
    assert all(
        (tmp_path / 'lfw/test/WIDER_FACE/train/images' / f'{person[2:]}_0001.jpg').exists() for person in people['test']
    )


def test_a_folder_without_any_set_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r'must hold one of .*WFLW.* It holds none'):
        prepare_downloads(tmp_path, tmp_path / 'out')


def sample(dataset, truth, predicted):
    return dict(
        id=0,
        img_path='face.jpg',
        dataset_name=dataset,
        subsets=('pose',),
        gt_instances=dict(
            keypoints=truth[None], keypoints_visible=np.ones((1, len(truth))), bboxes=np.array([[0, 0, 50, 50]])
        ),
        pred_instances=dict(keypoints=predicted[None]),
    )


def evaluate(metric, *samples):
    metric.process({}, list(samples))
    return metric.evaluate(len(metric.results))


def face_of_five():
    return np.array([[10.0, 10.0], [30.0, 10.0], [20.0, 20.0], [12.0, 30.0], [28.0, 30.0]])


def face_of_68(shift=0.0):
    """300W's landmarks that lie where those of :func:`face_of_five` do; the others anywhere."""
    points = np.random.default_rng(0).uniform(0, 50, (68, 2))
    for eye, first in zip(face_of_five()[:2], (36, 42), strict=True):
        points[first : first + 6] = eye + np.array([[-3, 0], [-1, -1], [1, -1], [3, 0], [1, 1], [-1, 1]])
    points[[30, 48, 54]] = face_of_five()[2:]
    return points + shift


def test_five_points_of_any_network_on_any_set():
    rows = evaluate(
        FivePointMetric(),
        sample('wider_face', face_of_five(), face_of_68()),
        sample('wider_face', face_of_five(), face_of_68(shift=1.0)),
        sample('300w', face_of_68(), face_of_five() + (3.0, 4.0)),
    )
    assert set(rows) == {
        f'five_points/{name}/{m}' for name in ('wider_face', '300w') for m in ('NME', 'FR_0.10', 'AUC_0.10')
    }
    assert rows['five_points/wider_face/NME'] == pytest.approx(100 * np.sqrt(2) / 20 / 2)
    assert rows['five_points/300w/NME'] == pytest.approx(100 * 5 / 20)


def test_a_face_that_is_not_annotated_whole_is_named():
    face = sample('wider_face', face_of_five(), face_of_68())
    face['gt_instances']['keypoints_visible'][0, 2] = 0
    with pytest.raises(ValueError, match=r'all annotated\. Got face\.jpg'):
        FivePointMetric().process({}, [face])


def test_faces_that_were_predicted_in_another_protocol_have_no_rows_of_their_own():
    faces = (sample('300w', face_of_68(), face_of_68(1.0)), sample('wider_face', face_of_five(), face_of_68()))
    rows = evaluate(OwnProtocolMetric(), *faces)
    corners = np.linalg.norm(face_of_68()[36] - face_of_68()[45])
    assert rows['300w/NME'] == pytest.approx(100 * np.sqrt(2) / corners)
    assert not any(name.startswith('wider_face') for name in rows)


def test_a_row_may_lack_a_column():
    records = {
        'one': [dict(metrics=dict(test={'a/NME': 2.0, 'b/AUC_0.10': 0.5}))],
        'two': [dict(metrics=dict(test={'a/NME': value})) for value in (3.0, 5.0)],
    }
    lines = column_table('Ways', records, 'test', {'first %': 'a/NME', 'second': 'b/AUC_0.10'}).splitlines()
    assert lines[0] == '### Ways'
    assert lines[2:] == [
        '| row | seeds | first % | second |',
        '| --- | ---: | ---: | ---: |',
        '| one | 1 | 2.00 | 0.500 |',
        '| two | 2 | 4.00 ± 1.41 | - |',
    ]


def test_rows_that_state_a_number_of_faces_are_a_curve(tmp_path):
    found = curves({'50 faces, alone': [5.0, 6.0], '200 faces, alone': [4.0], '50 faces, CNT': [], 'BN': [1.0]})
    assert found == {'alone': {50: [5.0, 6.0], 200: [4.0]}}
    for name in ('a.png', 'b.png'):
        draw(found, tmp_path / 'images' / name)
    assert (tmp_path / 'images' / 'a.png').read_bytes() == (tmp_path / 'images' / 'b.png').read_bytes()


def test_a_curve_is_drawn_once_each_way_has_three_numbers_of_faces():
    errors = {f'{count} faces, CNT': 5 - count / 1000 for count in (50, 200, 800)}
    errors |= {f'{count} faces, alone': 6 - count / 1000 for count in (50, 800)}
    records = {row: [dict(seed=0, metrics=dict(test={'300w/NME': error}))] for row, error in errors.items()}
    table = Table('Faces', tuple(Row(row, ()) for row in records))
    assert MeasuredTable(table, records).curves() == {}
    for count in (50, 800):
        del records[f'{count} faces, alone']
    assert MeasuredTable(table, records).curves() == {'CNT': {50: [4.95], 200: [4.8], 800: [4.2]}}

import io
import pickle
import zipfile

import mmengine
import numpy as np
import pytest
import torch
from mmengine.structures import InstanceData
from mmpose.structures import PoseDataSample

from mmsepbn.evaluation import DumpPredictions
from mmsepbn.evaluation.predictions import face_prediction, read_predictions


def sample(index, dataset='wflw', landmarks=3):
    """A tested face as metrics get it, tensors of labels included."""
    rng = np.random.default_rng(index)
    points = rng.uniform(0, 100, (1, landmarks, 2)).astype(np.float32)
    sample = PoseDataSample(metainfo=dict(id=index, img_path=f'ü/{index}.jpg', dataset_name=dataset))
    sample.gt_instances = InstanceData(keypoints=points, keypoints_visible=np.ones((1, landmarks), np.float32))
    sample.gt_instance_labels = InstanceData(keypoint_labels=torch.from_numpy(points))
    sample.pred_instances = InstanceData(keypoints=points + 1, keypoint_scores=np.ones((1, landmarks)))
    return sample.to_dict()


SAMPLES = [sample(0), sample(1, 'cofw', 5), sample(2)]


def dumped(path, samples=SAMPLES):
    metric = DumpPredictions(str(path))
    metric.process(None, samples)
    assert metric.evaluate(len(samples)) == {}
    return path


def assert_are(faces, samples):
    for face, known in zip(faces, samples, strict=True):
        assert (face.dataset, face.face_id, face.image) == (known['dataset_name'], known['id'], known['img_path'])
        np.testing.assert_array_equal(face.predicted, known['pred_instances']['keypoints'][0])
        np.testing.assert_array_equal(face.truth, known['gt_instances']['keypoints'][0])
        np.testing.assert_array_equal(face.annotated, known['gt_instances']['keypoints_visible'][0])


def test_predictions_come_back_set_by_set_and_numpy_alone_reads_them(tmp_path):
    path = dumped(tmp_path / 'new' / 'predictions.npz')
    assert_are(read_predictions(path), [SAMPLES[0], SAMPLES[2], SAMPLES[1]])
    with np.load(path, allow_pickle=False) as arrays:
        assert arrays['wflw/predicted'].shape == (2, 3, 2)
        assert arrays['cofw/image'].tolist() == ['ü/1.jpg']


@pytest.mark.parametrize('protocol', range(6))
def test_mmposes_file_is_read_without_its_tensors(tmp_path, protocol):
    path = tmp_path / 'predictions.pkl'
    mmengine.dump(SAMPLES, path, protocol=protocol)
    if protocol == 5:  # MMEngine writes 2; 5 makes arrays in a way of its own
        with pytest.raises(ValueError, match=r'predictions.pkl holds no predictions: it holds .*, which is neither'):
            read_predictions(path)
    else:
        assert_are(read_predictions(path), SAMPLES)


class Evil:
    def __init__(self, function, *arguments):
        self.reduced = (function, arguments)

    def __reduce__(self):
        return self.reduced


@pytest.mark.parametrize('where', ['whole', 'face', 'array', 'tensor'])
def test_nothing_in_a_file_is_executed(tmp_path, where):
    proof = tmp_path / 'executed'
    evil = Evil(open, str(proof), 'w')
    if where == 'tensor':  # torch would unpickle the bytes of a storage
        evil = Evil(torch.storage._load_from_bytes, pickle.dumps(evil))
    objects = np.array([evil], object)
    content = {'whole': evil, 'face': [evil], 'array': [dict(sample(0), id=objects)], 'tensor': [evil]}[where]
    (tmp_path / 'predictions.pkl').write_bytes(pickle.dumps(content))
    with pytest.raises(ValueError, match=r'predictions.pkl holds no predictions: .*'):
        read_predictions(tmp_path / 'predictions.pkl')
    if where == 'array':
        np.savez(tmp_path / 'predictions.npz', **{'wflw/face_id': objects})
        with pytest.raises(ValueError, match=r'predictions.npz holds no predictions: .*'):
            read_predictions(tmp_path / 'predictions.npz')
    assert not proof.exists()


def arrays_of(path):
    with np.load(path) as arrays:
        return dict(arrays)


@pytest.mark.parametrize(
    ('change', 'message'),
    [
        (lambda a: a.pop('wflw/truth'), r"lacks \['wflw/truth'\]"),
        (lambda a: a.update({'wflw/truth': a['wflw/truth'][:1]}), 'arrays of wflw do not belong together'),
        (lambda a: a.update({'wflw/image': np.zeros(2)}), 'arrays of wflw do not belong together'),
        (lambda a: a.update({'wflw/predicted': np.full((2, 3, 2), np.nan)}), 'face 0 of wflw has no finite landmarks'),
        (lambda a: a.update({'wflw/truth': np.zeros((2, 3, 3))}), 'face 0 of wflw has no finite landmarks'),
        (lambda a: a.clear(), 'it is empty'),
    ],
)
def test_a_file_of_other_arrays_is_named(tmp_path, change, message):
    path = dumped(tmp_path / 'predictions.npz')
    arrays = arrays_of(path)
    change(arrays)
    np.savez(path, **arrays)
    with pytest.raises(ValueError, match=rf'predictions.npz holds no predictions: .*{message}'):
        read_predictions(path)


@pytest.mark.parametrize('suffix', ['npz', 'pkl'])
def test_damaged_files_end_in_one_line(tmp_path, suffix):
    path = tmp_path / f'predictions.{suffix}'
    dumped(path) if suffix == 'npz' else mmengine.dump(SAMPLES, path)
    whole = path.read_bytes()
    rng = np.random.default_rng(0)
    refused = 0
    for _ in range(300):
        broken = bytearray(whole[: rng.integers(len(whole)) if rng.random() < 0.3 else None])
        for place in rng.integers(len(broken) or 1, size=3) if broken else ():
            broken[place] = rng.integers(256)
        path.write_bytes(bytes(broken))
        try:
            read_predictions(path)
        except ValueError as error:
            refused += str(path) in str(error)
    assert refused > 100


def test_memory_that_a_file_only_declares_is_not_reserved(tmp_path):
    head = io.BytesIO()
    np.lib.format.write_array_header_1_0(head, dict(descr='<f8', fortran_order=False, shape=(10**12, 3, 2)))
    with zipfile.ZipFile(tmp_path / 'a.npz', 'w') as archive:
        archive.writestr('wflw/predicted.npy', head.getvalue())
    with pytest.raises(ValueError, match=r'wflw/predicted.npy declares more than it holds'):
        read_predictions(tmp_path / 'a.npz')
    np.savez_compressed(tmp_path / 'b.npz', **{'wflw/predicted': np.zeros((1000, 1000))})
    with pytest.raises(ValueError, match=r'wflw/predicted.npy is compressed; write it with np.savez\.'):
        read_predictions(tmp_path / 'b.npz')


def test_a_sample_that_lacks_something_and_another_suffix_are_named(tmp_path):
    with pytest.raises(ValueError, match=r"a face lacks something.*KeyError\('gt_instances'\)"):
        face_prediction(dict(id=0))
    with pytest.raises(ValueError, match=r"DumpPredictions\(path=\) must end in '.npz'. Got 'a.pkl'"):
        DumpPredictions('a.pkl')

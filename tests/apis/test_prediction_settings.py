import json

import pytest

from mmsepbn.apis.prediction_settings import box_maps_of, calibration_of, prediction_settings, settings_file, store
from mmsepbn.checkpoints.file import load_from_local
from mmsepbn.fitted.box_map import BoxMap
from mmsepbn.fitted.calibration import Calibration
from mmsepbn.zoo import index


@pytest.fixture
def checkpoint(tmp_path):
    path = tmp_path / 'epoch_5.pth'
    path.write_bytes(b'weights')
    return path


def test_what_is_stored_is_read_and_added_to(checkpoint):
    assert box_maps_of(checkpoint) == {}
    assert calibration_of(checkpoint) is None
    maps, curve = {'mtcnn': BoxMap(0.1, -0.2, 1.3)}, Calibration(0.02, 1.5, 0.08)
    assert store(checkpoint, maps) == checkpoint.with_name('epoch_5.prediction.json')
    store(checkpoint, calibration=curve)
    store(checkpoint, {'haar': BoxMap(scale=2.0)})
    assert box_maps_of(str(checkpoint)) == maps | {'haar': BoxMap(scale=2.0)}
    assert calibration_of(checkpoint) == curve
    assert checkpoint.read_bytes() == b'weights'


def test_a_file_of_the_zoo_has_the_calibration_of_the_index():
    (network, *_) = index.read_index(index.FOLDER)
    file = index.FOLDER / network.checkpoint.name
    assert network.calibration is not None
    assert prediction_settings(file, load_from_local(str(file)))['calibration'] == network.calibration


def test_a_published_checkpoint_holds_the_same(checkpoint):
    store(checkpoint, {'mtcnn': BoxMap(0.1)}, Calibration(0.02, 1.5, 0.08))
    content = dict(meta=dict(prediction=json.loads(settings_file(checkpoint).read_text())), state_dict={})
    assert box_maps_of(content) == box_maps_of(checkpoint)
    assert calibration_of(content) == calibration_of(checkpoint)


@pytest.mark.parametrize('content', [{}, dict(meta=None), dict(meta=dict(prediction=None)), dict(state_dict={})])
def test_a_checkpoint_without_settings(content):
    assert box_maps_of(content) == {}
    assert calibration_of(content) is None


def test_settings_of_a_checkpoint_that_was_replaced(checkpoint):
    store(checkpoint, {'mtcnn': BoxMap(0.1)})
    checkpoint.write_bytes(b'others')
    with pytest.raises(ValueError, match=r'epoch_5.prediction.json was made for another checkpoint'):
        box_maps_of(checkpoint)
    store(checkpoint, {'haar': BoxMap(0.2)})
    assert box_maps_of(checkpoint) == {'haar': BoxMap(0.2)}


@pytest.mark.parametrize(
    ('change', 'read', 'message'),
    [
        (dict(box_maps=dict(mtcnn=dict(scale=0))), box_maps_of, r'box_maps of .* are damaged: BoxMap\(scale=\)'),
        (dict(box_maps=dict(mtcnn=dict(zoom=1))), box_maps_of, 'box_maps of .* are damaged'),
        (dict(box_maps=[1]), box_maps_of, 'box_maps of .* are damaged'),
        (dict(calibration=dict(half=1)), calibration_of, 'calibration of .* is damaged'),
        (dict(calibration=5), calibration_of, 'calibration of .* is damaged'),
    ],
)
def test_damaged_settings_are_named(checkpoint, change, read, message):
    file = store(checkpoint)
    file.write_text(json.dumps(json.loads(file.read_text()) | change))
    with pytest.raises(ValueError, match=message):
        read(checkpoint)
    file.write_text('{')
    with pytest.raises(ValueError, match='not valid JSON'):
        read(checkpoint)

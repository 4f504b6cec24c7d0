import json

import pytest

from mmsepbn.apis.prediction_settings import prediction_settings, settings_file, store
from mmsepbn.checkpoints.file import load_from_local
from mmsepbn.fitted.box_map import BoxMap
from mmsepbn.fitted.calibration import Calibration
from mmsepbn.zoo import index


@pytest.fixture
def checkpoint(tmp_path):
    path = tmp_path / 'epoch_5.pth'
    path.write_bytes(b'weights')
    return path


NOTHING = dict(box_maps={}, calibration=None)


def test_what_is_stored_is_read_and_added_to(checkpoint):
    assert prediction_settings(checkpoint, {}) == NOTHING
    maps, curve = {'mtcnn': BoxMap(0.1, -0.2, 1.3)}, Calibration(0.02, 1.5, 0.08)
    assert store(checkpoint, maps) == checkpoint.with_name('epoch_5.prediction.json')
    store(checkpoint, calibration=curve)
    store(checkpoint, {'haar': BoxMap(scale=2.0)})
    stored = dict(box_maps=maps | {'haar': BoxMap(scale=2.0)}, calibration=curve)
    assert prediction_settings(str(checkpoint), {}) == stored
    assert checkpoint.read_bytes() == b'weights'


def test_a_file_of_the_zoo_has_the_calibration_of_the_index():
    (network, *_) = index.read_index(index.FOLDER)
    file = index.FOLDER / network.checkpoint.name
    assert network.calibration is not None
    assert prediction_settings(file, load_from_local(str(file)))['calibration'] == network.calibration


def test_a_published_checkpoint_holds_the_same_and_what_is_stored_beside_it_goes_before(checkpoint):
    store(checkpoint, {'mtcnn': BoxMap(0.1)}, Calibration(0.02, 1.5, 0.08))
    content = dict(meta=dict(prediction=json.loads(settings_file(checkpoint).read_text())), state_dict={})
    alone = checkpoint.with_name('published.pth')
    assert prediction_settings(alone, content) == prediction_settings(checkpoint, {})
    store(checkpoint, {'mtcnn': BoxMap(0.2), 'haar': BoxMap(0.3)}, Calibration(0.03, 1.5, 0.08))
    assert prediction_settings(checkpoint, content) == prediction_settings(checkpoint, {})


@pytest.mark.parametrize('content', [{}, dict(meta=None), dict(meta=dict(prediction=None)), dict(state_dict={})])
def test_a_checkpoint_without_settings(checkpoint, content):
    assert prediction_settings(checkpoint, content) == NOTHING


def test_settings_of_a_checkpoint_that_was_replaced(checkpoint):
    store(checkpoint, {'mtcnn': BoxMap(0.1)})
    checkpoint.write_bytes(b'others')
    with pytest.raises(ValueError, match=r'epoch_5.prediction.json was made for another checkpoint'):
        prediction_settings(checkpoint, {})
    store(checkpoint, {'haar': BoxMap(0.2)})
    assert prediction_settings(checkpoint, {})['box_maps'] == {'haar': BoxMap(0.2)}


@pytest.mark.parametrize(
    ('change', 'message'),
    [
        (dict(box_maps=dict(mtcnn=dict(scale=0))), r'box_maps of .* are damaged: BoxMap\(scale=\)'),
        (dict(box_maps=dict(mtcnn=dict(zoom=1))), 'box_maps of .* are damaged'),
        (dict(box_maps=[1]), 'box_maps of .* are damaged'),
        (dict(calibration=dict(half=1)), 'calibration of .* is damaged'),
        (dict(calibration=5), 'calibration of .* is damaged'),
    ],
)
def test_damaged_settings_are_named(checkpoint, change, message):
    file = store(checkpoint)
    stored = json.loads(file.read_text()) | change
    with pytest.raises(ValueError, match=message):
        prediction_settings('published.pth', dict(meta=dict(prediction=stored)))
    file.write_text(json.dumps(stored))
    with pytest.raises(ValueError, match=message):
        prediction_settings(checkpoint, {})
    file.write_text('{')
    with pytest.raises(ValueError, match='not valid JSON'):
        prediction_settings(checkpoint, {})

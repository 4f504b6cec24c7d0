"""Metadata of a network as texts and back."""

import json
from dataclasses import asdict, replace

import pytest

from mmsepbn.fitted.box_map import BoxMap
from mmsepbn.fitted.calibration import Calibration
from mmsepbn.protocols import PROTOCOLS, WFLW, Part, Protocol
from mmsepbn.runtime.metadata import metadata_of, read_metadata
from mmsepbn.runtime.network import NetworkInfo

OWN = Protocol('own', 3, ((0, 1),), 'box_side', parts=(Part('triangle', (0, 1, 2), closed=True),), nose_tip=2)
MAPS = {'mtcnn': BoxMap(0.01, -0.2, 1.3), 'haar/wflw': BoxMap()}
INFO = NetworkInfo((*PROTOCOLS.values(), OWN), (128, 96), 1.25, MAPS, Calibration(0.03, 2.5, 0.08), antialias=True)


def test_a_round_trip_keeps_everything_also_of_a_mark_up_that_nobody_registered():
    about = dict(licence='{"no": "JSON"}', config='a = 1\n', network=dict(parameters=3), results={})
    texts = metadata_of(INFO, about)
    assert all(isinstance(text, str) for item in texts.items() for text in item)
    assert read_metadata(texts) == (INFO, about)
    without = replace(INFO, box_maps={}, calibration=None)
    assert read_metadata(metadata_of(without, {})) == (without, {})
    assert hash(read_metadata(texts)[0].protocols) == hash(INFO.protocols)  # tuples, as in the originals


def test_other_programs_find_plain_json():
    texts = metadata_of(NetworkInfo((WFLW,), (128, 128)), {})
    assert json.loads(texts['input_size']) == [128, 128]
    (wflw,) = json.loads(texts['protocols'])
    assert (wflw['name'], wflw['num_landmarks'], wflw['eye_corners']) == ('wflw', 98, [60, 72])
    assert [0, 32] in wflw['flip_pairs']
    assert wflw['parts'][0] == dict(name='contour', indices=list(range(33)), closed=False)
    assert 'BGR' in texts['crop']


def test_what_is_not_ours_is_refused():
    with pytest.raises(ValueError, match=r'no metadata of mmsepbn.*tools/export\.py'):
        read_metadata({'author': 'somebody'})
    with pytest.raises(ValueError, match="format '2', this version reads '1'"):
        read_metadata(metadata_of(INFO, {}) | {'mmsepbn_format': '2'})


@pytest.mark.parametrize(
    ('name', 'text'),
    [
        ('protocols', '[{"name": "wflw"}]'),
        ('protocols', '5'),
        ('protocols', json.dumps([asdict(OWN) | dict(flip_pairs=[[0, 7]])])),
        ('input_size', '[128]'),
        ('padding', 'wide'),
        ('box_maps', '{"haar": {"turn": 3}}'),
        ('box_maps', '[]'),
        ('box_maps', '{"haar": {"scale": "large"}}'),
        ('calibration', '{"half": -1, "slope": 1, "tolerance": 1}'),
        ('results', '{'),
    ],
)
def test_damaged_metadata_are_refused(name, text):
    with pytest.raises(ValueError, match='metadata are damaged'):
        read_metadata(metadata_of(INFO, dict(results={})) | {name: text})


def test_missing_metadata_are_refused():
    for name in ('protocols', 'input_size', 'padding', 'box_maps', 'calibration'):
        texts = metadata_of(INFO, {})
        del texts[name]
        with pytest.raises(ValueError, match=f'damaged.*{name}'):
            read_metadata(texts)


def test_files_from_before_antialias_have_none():
    texts = metadata_of(INFO, {})
    del texts['antialias']
    assert read_metadata(texts) == (replace(INFO, antialias=False), {})

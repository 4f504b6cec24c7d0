import json

import pytest

from mmsepbn.fitted.box_map import BoxMap
from mmsepbn.fitted.calibration import Calibration
from mmsepbn.fitted.plain import box_maps_of, calibration_of, plain_of

MAPS = {'haar': BoxMap(0.1, -0.2, 0.9), 'mtcnn/300w': BoxMap()}


@pytest.mark.parametrize('curve', [Calibration(0.02, 1.5, 0.08), None])
def test_what_is_written_as_json_is_read_again(curve):
    stored = json.loads(json.dumps(plain_of(MAPS, curve)))
    assert (box_maps_of(stored['box_maps']), calibration_of(stored['calibration'])) == (MAPS, curve)


@pytest.mark.parametrize('value', ['0.9', True, None, [1], 10**400])
def test_what_is_no_number_is_refused(value):
    with pytest.raises((TypeError, ValueError)):
        box_maps_of(dict(haar=dict(scale=value)))

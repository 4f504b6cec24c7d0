import numpy as np
import pytest

from benchmarks.method.label_style import LabelStyle, relabel, styled_landmarks
from mmsepbn.protocols import PROTOCOLS
from mmsepbn.synthetic import generate_face


@pytest.fixture(scope='module')
def face():
    return generate_face(0, 3, size=128)


@pytest.mark.parametrize('protocol', PROTOCOLS)
def test_a_style_moves_outline_and_brows_alone_and_by_its_amount(face, protocol):
    moved = styled_landmarks(face, protocol, LabelStyle(outline=0.1, brows=0.05), np.random.default_rng(0))
    before = face.landmarks[protocol]
    eyes = face.landmarks['wider_face'][:2]
    unit = np.hypot(*(eyes[1] - eyes[0]))
    distance = np.linalg.norm(moved - before, axis=1) / unit
    expected = np.zeros(len(before))
    for part in PROTOCOLS[protocol].parts:
        expected[list(part.indices)] = {'contour': 0.1, 'chin': 0.1, 'left_brow': 0.05, 'right_brow': 0.05}.get(
            part.name, 0.0
        )
    assert distance == pytest.approx(expected, abs=1e-9)


def test_contours_grow_and_brows_rise(face):
    before = face.landmarks['300w']
    moved = styled_landmarks(face, '300w', LabelStyle(outline=0.1, brows=0.1), np.random.default_rng(0))
    # On an upright face; 8 is the chin, 0 and 16 the temples, 17 to 26 the brows.
    assert moved[8, 1] > before[8, 1]
    assert moved[16, 0] - moved[0, 0] > before[16, 0] - before[0, 0]
    assert (moved[17:27, 1] < before[17:27, 1]).all()


def test_jitter_has_its_deviation_and_depends_on_seed_and_protocol(face):
    style = LabelStyle(jitter=0.02)
    faces = [face] * 200
    wflw = np.stack([f.landmarks['wflw'] for f in relabel(faces, 'wflw', style, seed=1)])
    eyes = face.landmarks['wider_face'][:2]
    unit = np.hypot(*(eyes[1] - eyes[0]))
    assert (wflw - face.landmarks['wflw']).std() / unit == pytest.approx(0.02, rel=0.02)
    again = np.stack([f.landmarks['wflw'] for f in relabel(faces, 'wflw', style, seed=1)])
    other = np.stack([f.landmarks['wflw'] for f in relabel(faces, 'wflw', style, seed=2)])
    assert np.array_equal(wflw, again)
    assert (wflw - other).std() / unit == pytest.approx(0.02 * 2**0.5, rel=0.02)  # independent
    assert next(iter(relabel([face], 'wflw', style, seed=1))).landmarks['cofw'] is face.landmarks['cofw']

"""The rule at its thresholds and on drawn heads."""

import numpy as np
import pytest

from mmsepbn.datasets.pose_domain import mirrored_domain, pose_domain
from mmsepbn.protocols import AFLW, PROTOCOLS
from mmsepbn.synthetic import generate_faces

MIRRORED = {'left': 'right', 'right': 'left', 'frontal': 'frontal'}
WITH_CORNERS = sorted(name for name, protocol in PROTOCOLS.items() if protocol.eye_corners is not None)


@pytest.fixture(scope='module')
def faces():
    return list(generate_faces(24, seed=6, size=32, workers=1))


@pytest.mark.parametrize(
    ('nose', 'domain'), [(0.29, 'left'), (0.31, 'frontal'), (0.69, 'frontal'), (0.71, 'right'), (-2.0, 'left')]
)
def test_pose_domain_follows_the_nose_whatever_the_roll(nose, domain):
    landmarks = np.zeros((19, 2))
    right = AFLW.eye_corners[1]
    landmarks[right], landmarks[AFLW.nose_tip] = (10, 0), (10 * nose, 4)
    for degrees in (0, 40):
        turn = np.deg2rad(degrees)
        rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
        assert pose_domain(landmarks @ rotation.T + 30, AFLW) == domain


@pytest.mark.parametrize('name', WITH_CORNERS)
def test_mirrored_heads_turn_the_other_way(name, faces):
    protocol = PROTOCOLS[name]
    seen = set()
    for face in faces:
        landmarks = face.landmarks[name]
        domain = pose_domain(landmarks, protocol)
        mirrored = (landmarks * (-1, 1))[list(protocol.flip_indices)]
        assert pose_domain(mirrored, protocol) == mirrored_domain(domain) == MIRRORED[domain]
        assert domain == face.domain or 'frontal' in (domain, face.domain)  # never the opposite side
        seen.add(domain)
    assert seen == {'frontal', 'left', 'right'}


@pytest.mark.parametrize('name', sorted(PROTOCOLS))
def test_the_nose_tip_lies_in_a_part_of_the_nose_and_on_the_axis_of_symmetry(name):
    protocol = PROTOCOLS[name]
    assert protocol.flip_indices[protocol.nose_tip] == protocol.nose_tip
    assert any(protocol.nose_tip in part.indices for part in protocol.parts if part.name.startswith('nose'))


def test_marks_that_do_not_tell_give_none():
    protocol = PROTOCOLS['aflw']
    annotated = np.ones(19)
    for missing in (0, -1):
        annotated[protocol.nose_tip] = missing
        assert pose_domain(np.ones((19, 2)), protocol, annotated) is None
    assert pose_domain(np.ones((5, 2)), PROTOCOLS['wider_face']) is None


def test_coinciding_eye_corners_say_nothing():
    protocol = PROTOCOLS['aflw']
    assert pose_domain(np.ones((19, 2)), protocol) == 'frontal'

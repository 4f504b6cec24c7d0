"""The curves and the head as geometry, without images."""

import numpy as np
import pytest

from mmsepbn.protocols import PROTOCOLS
from mmsepbn.synthetic.anatomy import front_curves
from mmsepbn.synthetic.curves import along, even_along, smooth_interp
from mmsepbn.synthetic.head_shape import build_head
from mmsepbn.synthetic.landmarks import jaw_contour, project_curves, read_landmarks
from mmsepbn.synthetic.parameters import Expression, Pose
from mmsepbn.synthetic.projection import unit_view
from mmsepbn.synthetic.sampling import sample_parameters


@pytest.fixture(scope='module')
def identity():
    return sample_parameters(np.random.default_rng(5)).identity


def landmarks_at(identity, yaw, expression=None):
    expression = expression or Expression()
    view = unit_view(Pose(yaw, 0.0, 0.0, 10.0, 0.6, (0.0, 0.0)))
    return read_landmarks(project_curves(build_head(identity, expression), front_curves(identity, expression), view))


def test_smooth_interp_meets_its_values_and_does_not_ring():
    knots, values = np.array([0.0, 1.0, 3.0, 4.0]), np.array([0.0, 1.0, 1.0, 5.0])
    assert smooth_interp(knots, knots, values) == pytest.approx(values)
    assert np.all(np.diff(smooth_interp(np.linspace(0, 4, 200), knots, values)) >= -1e-12)


def test_along_counts_vertices_and_even_along_measures():
    line = np.array([[0.0, 0.0], [1.0, 0.0], [4.0, 0.0]])
    assert along(line, [0.25, 0.75])[:, 0] == pytest.approx([0.5, 2.5])
    assert even_along(line, 5)[:, 0] == pytest.approx([0.0, 1.0, 2.0, 3.0, 4.0])


def test_front_view_points_stay_where_they_were_drawn(identity):
    head = build_head(identity, Expression())
    front = np.array([[0.0, 0.45], [0.3, 0.0], [-0.5, -0.25], [0.35, 0.9], [-0.25, 0.75]])
    assert head.base(*head.place(front))[:, :2] == pytest.approx(front, abs=1e-3)


@pytest.mark.parametrize('name', list(PROTOCOLS))
def test_mirrored_pose_gives_mirrored_landmarks(identity, name):
    left, right = landmarks_at(identity, 40.0)[name], landmarks_at(identity, -40.0)[name]
    mirrored = left[list(PROTOCOLS[name].flip_indices)] * (-1.0, 1.0)
    assert mirrored == pytest.approx(right, abs=1e-9)


@pytest.mark.parametrize('yaw', [-60.0, -30.0, 30.0, 60.0])
def test_far_jaw_lies_on_the_silhouette(identity, yaw):
    head, view = build_head(identity, Expression()), unit_view(Pose(yaw, 0.0, 0.0, 10.0, 0.6, (0.0, 0.0)))
    contour = jaw_contour(head, view)
    far = contour[5:50] if yaw > 0 else contour[-50:-5]
    side = -1.0 if yaw > 0 else 1.0
    s, v = side * np.radians(np.linspace(24.0, 82.0, 150)), np.linspace(6.1, 11.0, 300)
    surface = view.project(head.surface(s, v[:, None]))[..., :2].reshape(-1, 2)
    for point in far:
        level = side * surface[np.abs(surface[:, 1] - point[1]) < 0.006, 0]
        assert level.size == 0 or abs(level.max() - side * point[0]) < 0.012


def test_expressions_move_what_they_name(identity):
    rest = landmarks_at(identity, 0.0)['cofw']
    part = {part.name: list(part.indices) for part in PROTOCOLS['cofw'].parts}
    open_mouth = landmarks_at(identity, 0.0, Expression(mouth_open=1.0))['cofw']
    raised = landmarks_at(identity, 0.0, Expression(brow_raise=1.0))['cofw']
    shut = landmarks_at(identity, 0.0, Expression(left_eye=0.0))['cofw']
    gap = np.array([np.ptp(face[part['inner_lip'], 1]) for face in (rest, open_mouth)])
    assert gap[1] > gap[0] + 0.15
    assert open_mouth[part['chin'], 1] > rest[part['chin'], 1] + 0.15
    assert np.all(raised[part['left_brow'], 1] < rest[part['left_brow'], 1])
    assert np.ptp(shut[part['left_eye'], 1]) < 0.5 * np.ptp(rest[part['left_eye'], 1])
    assert shut[part['right_eye']] == pytest.approx(rest[part['right_eye']])

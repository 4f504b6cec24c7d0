"""Drawn landmarks: where they are, how wide, and that colours can be told apart."""

import itertools

import numpy as np
import pytest

from mmsepbn.apis import Face
from mmsepbn.outputs import draw
from mmsepbn.outputs.draw import draw_faces
from mmsepbn.protocols import PROTOCOLS, WIDER_FACE, Part, Protocol

GRAY = np.full((400, 400, 3), 128, np.uint8)


def face(protocol, side, **more):
    """Landmarks on a circle in the middle of the image."""
    angles = np.linspace(0, 2 * np.pi, protocol.num_landmarks, endpoint=False)
    points = 200 + side / 3 * np.stack((np.cos(angles), np.sin(angles)), axis=1)
    box = np.array([200 - side / 2, 200 - side / 2, 200 + side / 2, 200 + side / 2])
    return Face(box, {protocol.name: points.astype(np.float32)}, **more)


@pytest.mark.parametrize('protocol', PROTOCOLS.values(), ids=PROTOCOLS)
def test_every_landmark_is_drawn_in_the_color_of_a_part_and_the_image_stays(protocol):
    own = face(protocol, 300)
    drawn = draw_faces(GRAY, [own], protocol)
    assert (GRAY == 128).all()
    for x, y in np.rint(own.landmarks[protocol.name]).astype(int):
        assert (drawn[y, x] != 128).any()
        assert drawn[y, x].max() > 100  # no rim lies on top
    assert 0.002 < (drawn != 128).any(axis=2).mean() < 0.5


def test_lines_are_as_wide_as_the_face_is_large():
    """A hundred and sixtieth of its side, looked at half-way between two landmarks."""
    line = Protocol('line_here', 2, (), 'box_side', parts=(Part('contour', (0, 1)),))
    widths = []
    for side in (80, 200, 640, 1600):
        own = Face(np.array([0.0, 0, side, side]), {'line_here': np.array([[50, 200], [350, 200]], np.float32)})
        column = draw_faces(GRAY, [own], line)[:, 200].astype(int)
        widths.append(int((np.abs(column - draw._BLUE).max(axis=1) < 30).sum()))
    assert widths[:2] == [1, 1]
    assert np.abs(np.array(widths[2:]) - (4, 10)).max() <= 1  # OpenCV makes even widths odd


def test_landmarks_beside_the_image_and_far_beyond_it_do_no_harm():
    own = Face(
        np.array([0.0, 0, 1e5, 1e5]),
        {'wider_face': np.array([[-1e9, 1e9], [1e5, 3], [5, 5], [-8, 2], [9, 9]], np.float32)},
    )
    assert draw_faces(GRAY[:20, :20], [own], WIDER_FACE).shape == (20, 20, 3)


def test_a_mark_up_of_ones_own_is_drawn_with_and_without_parts():
    for parts in ((), (Part('beard', (0, 1)),)):
        own = Protocol('drawn_here', 3, (), 'box_side', parts=parts)
        assert (draw_faces(GRAY, [face(own, 200)], own) != 128).any()


def test_a_face_of_a_video_has_its_number():
    plain, numbered = (draw_faces(GRAY, [face(WIDER_FACE, 200, track=track)], WIDER_FACE) for track in (None, 7))
    assert (plain != numbered)[60:110, 90:130].any()


def test_colors_are_told_apart_by_lightness_or_without_red_and_green():
    """At least 8 of lightness, or 20 of blue against yellow, in L*a*b*, between any two colours of parts."""
    import cv2

    colors = np.array(sorted(set(draw._COLORS.values())), np.uint8)
    lab = cv2.cvtColor(colors[None], cv2.COLOR_BGR2LAB)[0].astype(float)
    for first, second in itertools.combinations(lab, 2):
        assert abs(first[0] - second[0]) * 100 / 255 > 8 or abs(first[2] - second[2]) > 20

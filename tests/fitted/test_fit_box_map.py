"""Maps that were planted are found again, whatever lies beside the faces."""

from dataclasses import astuple

import numpy as np
import pytest

from mmsepbn.fitted.box_map import BoxMap, box_map_for
from mmsepbn.fitted.fit_box_map import box_errors, fit_boxes, matched, paired

PLANTED = BoxMap(0.05, -0.2, 1.4)


def faces(count, seed=0):
    """Squares of all sizes."""
    random = np.random.default_rng(seed)
    corner, side = random.uniform(0, 500, (count, 2)), random.uniform(40, 300, (count, 1))
    return np.concatenate((corner, corner + side), axis=1)


def undone(box_map, boxes):
    """The boxes that ``box_map`` maps to ``boxes``."""
    side = (boxes[:, 2:3] - boxes[:, :1]) / box_map.scale
    centre = (boxes[:, :2] + boxes[:, 2:]) / 2 - side * np.array([box_map.shift_x, box_map.shift_y])
    return np.concatenate((centre - side / 2, centre + side / 2), axis=1)


@pytest.mark.parametrize('planted', [PLANTED, BoxMap(), BoxMap(0.0, 0.3, 0.5), BoxMap(-0.1, 0.1, 2.0)])
def test_a_planted_map_is_found(planted):
    wanted = faces(50)
    found, places = fit_boxes(undone(planted, wanted)[:, None], wanted)
    assert astuple(found) == pytest.approx(astuple(planted), abs=1e-12)
    assert (places == 0).all()


def test_faces_that_are_not_found_and_boxes_of_others_change_little():
    """A tenth is not found, three tenths are found wrongly by a box that overlaps, other faces lie beside all."""
    wanted, random = faces(200), np.random.default_rng(1)
    detected = undone(PLANTED, wanted)
    side = detected[:, 2:3] - detected[:, :1]
    detected += side * random.normal(0, 0.01, (200, 1))
    detected[20:80] += side[20:80] * np.array([0.3, -0.3, 0.3, -0.3])
    beside = detected + 3 * side
    found = [boxes[:0] if place < 20 else boxes for place, boxes in enumerate(np.stack((beside, detected), axis=1))]
    box_map, places = fit_boxes(found, wanted)
    assert astuple(box_map) == pytest.approx(astuple(PLANTED), abs=0.02)
    assert (places[:20] == -1).all()
    assert (places[80:] == 1).all()


def test_the_wanted_face_among_neighbours():
    """Boxes of the detector are half as large, so that a neighbour's overlaps a wanted one too."""
    wanted = np.array([[0.0, 0, 100, 100], [100, 0, 200, 100], [200, 0, 300, 100]])
    small = BoxMap(scale=0.5)(wanted)
    box_map, places = fit_boxes([small] * 3, wanted)
    assert places.tolist() == [0, 1, 2]
    assert box_map == BoxMap(scale=2.0)


def test_pairs_are_sought_again_with_the_map():
    """The detector's boxes lie half a side aside; in two of five images a neighbour's is just where the face is."""
    wanted, random = faces(200), np.random.default_rng(3)
    detected = undone(BoxMap(0.5, 0.0, 1.0), wanted)
    detected += (wanted[:, 2:3] - wanted[:, :1]) * random.normal(0, 0.02, (200, 1))
    found = [boxes if place % 5 < 2 else boxes[1:] for place, boxes in enumerate(np.stack((wanted, detected), axis=1))]
    box_map, places = fit_boxes(found, wanted)
    assert astuple(box_map) == pytest.approx((0.5, 0, 1), abs=0.006)
    assert [len(boxes) - 1 for boxes in found] == places.tolist()


def test_no_face_is_found():
    with pytest.raises(ValueError, match='overlaps any of the 2 faces'):
        fit_boxes([np.empty((0, 4))] * 2, faces(2))


def test_how_far_boxes_are_off_by_hand():
    wanted = np.array([[0.0, 0, 10, 10], [0, 0, 10, 10]])
    off = box_errors(np.array([[0.0, 0, 10, 10], [-5, 0, 15, 20]]), wanted)
    assert off.shift == pytest.approx((0 + 0.5) / 2)
    assert off.shift_90 == pytest.approx(0.45)
    assert off.side == pytest.approx(1.5)
    assert off.iou == pytest.approx((1 + 100 / 400) / 2)


def test_pairs_are_in_the_order_of_the_faces():
    found = [faces(3, 1), np.empty((0, 4)), faces(2, 2)]
    wanted = np.array([found[0][2], [0, 0, 1, 1], found[2][0]])
    places = matched(found, wanted, BoxMap())
    assert places.tolist() == [2, -1, 0]
    assert paired(found, places).tolist() == wanted[[0, 2]].tolist()
    assert paired(found, np.array([-1, -1, -1])).shape == (0, 4)


def test_the_map_of_one_protocol_goes_before_that_of_all():
    maps = {'mtcnn': BoxMap(scale=2.0), 'mtcnn/wflw': BoxMap(scale=3.0)}
    assert box_map_for(maps, 'mtcnn', ['wflw']).scale == 3
    assert box_map_for(maps, 'mtcnn', ['300w']).scale == 2
    assert box_map_for(maps, 'mtcnn', ['wflw', '300w']).scale == 2
    assert box_map_for(maps, 'haar', ['wflw']) == BoxMap()


def test_a_map_by_hand():
    assert BoxMap(0.1, -0.2, 2.0)(np.array([10.0, 20, 20, 30])).tolist() == [6, 13, 26, 33]


@pytest.mark.parametrize('fields', [dict(scale=0), dict(shift_x=float('nan')), dict(shift_y='1'), dict(scale=True)])
def test_what_is_no_map(fields):
    with pytest.raises(ValueError, match=rf'BoxMap\({next(iter(fields))}=\)'):
        BoxMap(**fields)


@pytest.mark.parametrize('least', [0, 0.4])
def test_an_image_without_boxes_has_none_of_the_face(least):
    assert matched([faces(2)[:0], faces(1)], faces(1).repeat(2, axis=0), BoxMap(), least).tolist() == [-1, 0]

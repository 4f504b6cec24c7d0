"""Sequences made by hand: faces are squares, whose landmarks are the corners of their inner half."""

from dataclasses import astuple

import numpy as np
import pytest

from mmsepbn.fitted.box_map import BoxMap
from mmsepbn.video.tracker import Tracker, relation_of

SIZE = (640, 480)
NONE = np.empty((0, 4))


def face(x, y, side=100.0):
    """The box of a face, by its centre."""
    return np.array([x - side / 2, y - side / 2, x + side / 2, y + side / 2])


def points(box):
    """What a network finds in it: (4, 2)."""
    x1, y1, x2, y2 = BoxMap(scale=0.5)(box)
    return np.array([[x1, y1], [x2, y1], [x2, y2], [x1, y2]])


def nearest(box, faces):
    """The network looks at the face that is nearest to the crop; where there is none it sees one as it expects it."""
    distances = [np.abs(box - other).sum() for other in faces]
    return points(faces[int(np.argmin(distances))] if faces else box)


def follow(frames, found=None, every=10):
    """Numbers of the faces of each frame by the place of the face, and the frames in which boxes were sought.

    ``frames`` holds the boxes of the true faces; ``found`` those that the detector finds, where it misses some.
    """
    tracker = Tracker(every)
    numbers, sought = [], []
    for index, faces in enumerate(frames):
        if tracker.wants_boxes:
            sought.append(index)
            tracker.confirm(np.array((found or frames)[index]).reshape(-1, 4))
        tracks = tracker.tracks
        places = tracker.update([nearest(track.box, faces) for track in tracks], SIZE)
        seen = {}
        for place in places:
            looked_at = nearest(tracks[place].box, faces)
            seen |= {i: tracks[place].number for i, other in enumerate(faces) if (looked_at == points(other)).all()}
        numbers.append([seen.get(place) for place in range(len(faces))])
    return numbers, sought


def test_a_face_that_moves_is_sought_every_tenth_frame():
    numbers, sought = follow([[face(100 + 8 * t, 200)] for t in range(31)])
    assert numbers == [[0]] * 31
    assert sought == [0, 10, 20, 30]


@pytest.mark.parametrize(('x', 'y', 'dx', 'dy'), [(0, 240, -1, 0), (640, 240, 1, 0), (320, 0, 0, -1), (320, 480, 0, 1)])
def test_a_face_is_lost_when_its_centre_leaves_the_image_on_any_side(x, y, dx, dy):
    tracker = Tracker()
    tracker.confirm(face(320, 240)[None])
    tracker.update([points(face(320, 240))], SIZE)
    assert tracker.update([points(face(x - dx, y - dy))], SIZE) == [0]
    assert tracker.update([points(face(x + dx, y + dy))], SIZE) == []


def test_faces_that_cross_keep_their_numbers():
    """One goes right, one left, 40 pixels above; between two detections they overlap."""
    frames = [[face(100 + 12 * t, 220), face(460 - 12 * t, 260)] for t in range(31)]
    numbers, _ = follow(frames, every=5)
    assert numbers == [[0, 1]] * 31


def test_a_face_that_leaves_is_lost_and_the_other_stays():
    frames = [[face(100, 200), face(550 + 10 * t, 200)] for t in range(20)]
    numbers, sought = follow(frames, [f if t < 9 else f[:1] for t, f in enumerate(frames)])
    assert numbers[0] == [0, 1]
    assert numbers[-1] == [0, None]
    gone = next(t for t, each in enumerate(numbers) if each == [0, None])
    assert gone == 10, 'its centre has left the image'
    assert gone + 1 in sought, 'a face was lost'


def test_a_face_that_is_lost_and_found_again_keeps_its_number(monkeypatch):
    """Covered from frame 10 on: nothing is found for 15 frames, then it is back 30 pixels further."""
    monkeypatch.setattr('mmsepbn.video.tracker._PATIENCE', 5)
    frames = [[face(200, 200)]] * 25 + [[face(230, 200)]] * 6
    found = [f if t < 10 or t >= 25 else NONE for t, f in enumerate(frames)]
    numbers, sought = follow(frames, found, every=2)
    assert numbers[:14] == [[0]] * 14
    assert numbers[14:25] == [[None]] * 11
    assert sought[:12] == [0, 2, 4, 6, 8, 10, 11, 12, 13, 14, 15, 17], 'each frame until it is lost, and once more'
    assert numbers[-1] == [0]


def test_what_was_found_once_is_lost_at_the_second_miss():
    numbers, sought = follow([[face(200, 200)]] * 20, [[face(200, 200)]] + [NONE] * 19)
    assert sought[:4] == [0, 10, 11, 12]
    assert numbers[10:12] == [[0], [None]]


@pytest.mark.parametrize(('found', 'kept'), [([], []), ([face(110, 200)], [0])])
def test_a_doubted_face_is_sought_at_once_and_lost_unless_it_is_found(found, kept):
    tracker = Tracker(every=50)
    for _ in range(8):
        tracker.confirm(face(100, 200)[None])
        tracker.update([points(face(100, 200))], SIZE)
    tracker.doubt([False])
    assert not tracker.wants_boxes
    tracker.doubt([True])
    assert tracker.wants_boxes
    tracker.confirm(np.array(found).reshape(-1, 4))
    assert [track.number for track in tracker.tracks] == kept


def test_the_score_is_that_of_when_a_face_was_found_last():
    tracker = Tracker(every=1)
    first, second = face(100, 200), face(400, 200)
    for boxes, scores, expected in (
        ([first], [0.25], [0.25]),
        ([first, second], [0.5, 0.75], [0.5, 0.75]),
        ([second], [0.9], [0.5, 0.9]),
        ([second, first], None, [None, None]),
    ):
        tracker.confirm(np.array(boxes), None if scores is None else np.array(scores))
        assert [track.score for track in tracker.tracks] == expected
        tracker.update([points(track.box) for track in tracker.tracks], SIZE)
        assert [track.score for track in tracker.tracks] == expected


def test_a_face_that_comes_back_late_or_elsewhere_is_another(monkeypatch):
    monkeypatch.setattr('mmsepbn.video.tracker._PATIENCE', 1)
    away = [[face(200, 200)]] * 3 + [[]] * 60 + [[face(200, 200)]] * 11
    assert follow(away)[0][-1] == [1]
    elsewhere = [[face(200, 200)]] * 11 + [[face(500, 200)]] * 11
    numbers, _ = follow(elsewhere, every=1)
    assert numbers[-1] == [1]


@pytest.mark.parametrize(('aside', 'number'), [(140, 0), (160, 1)])
def test_a_lost_face_is_back_within_twice_its_box(aside, number, monkeypatch):
    monkeypatch.setattr('mmsepbn.video.tracker._PATIENCE', 1)
    tracker = Tracker(every=1)
    tracker.confirm(face(200, 200)[None])
    tracker.update([points(face(200, 200))], SIZE)
    tracker.confirm(NONE)
    assert not tracker.tracks
    tracker.confirm(face(200 + aside, 200)[None])
    assert [track.number for track in tracker.tracks] == [number]


def test_a_new_face_is_found_at_the_next_detection():
    frames = [[face(100, 200)]] * 13 + [[face(100, 200), face(400, 200)]] * 10
    numbers, sought = follow(frames)
    assert sought == [0, 10, 20]
    assert numbers[19] == [0, None]
    assert numbers[20] == [0, 1]


def test_no_more_faces_are_tracked_than_asked_for():
    """The detector finds the largest, another one from the second frame on, which waits until the first is lost."""
    tracker = Tracker(every=1, max_faces=1)
    numbers = []
    for x in (100, 400, 400, 400):
        tracker.confirm(face(x, 200)[None])
        numbers.append([track.number for track in tracker.tracks])
        tracker.update([points(track.box) for track in tracker.tracks], SIZE)
    assert numbers == [[0], [0], [1], [1]]


def test_a_jump_of_the_landmarks_asks_for_a_detection():
    frames = [[face(100, 200)]] * 4 + [[face(100, 200, 220)]] * 3
    assert follow(frames)[1] == [0, 5]


@pytest.mark.parametrize(
    ('found', 'kept'),
    [
        (['ab'], 0),
        (['ab', 'b', 'ab'], 1),  # b three times, a twice
        (['ab', 'a', 'ab'], 0),
        (['a', 'ab', 'ab', 'ab', 'b'], 1),  # each four times, a not in the last frame
        (['ab', 'ab', 'ab', 'a'], 0),
    ],
)
def test_of_two_tracks_of_one_face_the_one_that_was_found_last_and_more_often_stays(found, kept):
    tracker, places = Tracker(every=1), dict(a=face(100, 200), b=face(240, 200))
    for names in found:
        tracker.confirm(np.array([places[name] for name in names]))
        own = [points(places['ab'[track.number]]) for track in tracker.tracks]
        assert tracker.update(own, SIZE) == list(range(len(own)))
    assert tracker.update([points(face(100, 200)), points(face(105, 200))], SIZE) == [kept]
    assert [track.number for track in tracker.tracks] == [kept]


def test_two_faces_that_were_both_just_found_are_two():
    tracker = Tracker()
    boxes = [face(100, 200), face(110, 200)]
    tracker.confirm(np.array(boxes))
    assert tracker.update([points(box) for box in boxes], SIZE) == [0, 1]


def test_landmarks_at_one_place():
    tracker = Tracker()
    tracker.confirm(face(100, 200)[None])
    assert tracker.update([np.full((5, 2), 100.0)], SIZE) == [0]
    assert np.isfinite(tracker.tracks[0].box).all()
    assert (np.diff(tracker.tracks[0].box.reshape(2, 2), axis=0) > 0).all()


def test_no_face_at_all():
    assert follow([[]] * 21) == ([[]] * 21, [0, 10, 20])


def test_the_next_box_is_that_of_the_last_landmarks():
    tracker = Tracker()
    tracker.confirm(face(100, 200)[None])
    for t in range(9):
        tracker.update([points(face(100 + 6 * t, 200, 100 + t))], SIZE)
        assert tracker.tracks[0].box == pytest.approx(face(100 + 6 * t, 200, 100 + t))


def test_a_box_that_drifts_is_brought_back_by_what_is_found():
    """A network that moves everything down by a tenth of the crop, but in the first frame, leads away from the face."""
    tracker = Tracker(every=4)
    for t in range(40):
        if tracker.wants_boxes:
            tracker.confirm(face(100, 200)[None])
        tracker.update([points(tracker.tracks[0].box) + np.array([0, 10.0 * (t > 0)])], SIZE)
        assert [track.number for track in tracker.tracks] == [0]
        assert np.abs(tracker.tracks[0].box - face(100, 200)).max() < 60


def test_a_box_that_grows_by_itself_is_brought_back_too():
    """A network that sees a face a tenth larger than it is, but in the first frame."""
    tracker, sides = Tracker(every=30), []
    for t in range(40):
        if tracker.wants_boxes:
            tracker.confirm(face(100, 200)[None])
        tracker.update([points(BoxMap(scale=1.1 if t else 1.0)(tracker.tracks[0].box))], SIZE)
        assert [track.number for track in tracker.tracks] == [0]
        sides.append(tracker.tracks[0].box[2] - tracker.tracks[0].box[0])
    assert 70 < min(sides) < max(sides) < 150


@pytest.mark.parametrize(('aside', 'again'), [(0, False), (20, False), (40, True)])
def test_what_is_found_pulls_the_box_half_way_and_far_aside_is_looked_at_again(aside, again):
    tracker = Tracker(every=1)
    tracker.confirm(face(100, 200)[None])
    tracker.update([points(face(100, 200))], SIZE)
    tracker.confirm(face(100 + aside, 200)[None])
    assert tracker.tracks[0].box.tolist() == face(100 + aside / 2, 200).tolist()
    assert tracker.wants_boxes is again, 'in the same frame nothing else asks for them'


def test_a_box_that_has_run_away_is_lost():
    tracker = Tracker()
    tracker.confirm(face(100, 200)[None])
    assert tracker.update([points(face(100, 200))], SIZE) == [0]
    assert tracker.update([points(face(100, 200, 210))], SIZE) == []


def test_the_relation_of_landmarks_and_box_is_the_mean_over_found_boxes():
    tracker = Tracker(every=1)
    for side in (100.0, 110.0, 120.0):
        tracker.confirm(face(100, 200, side)[None])
        tracker.update([points(face(100, 200))], SIZE)
    (track,) = tracker.tracks
    assert astuple(track.relation) == pytest.approx((0, 0, 1.1)), 'four spreads of the corners are 100'
    assert track.box == pytest.approx(face(100, 200, 110), abs=0.1)


def test_the_relation_follows_what_was_found_of_late():
    tracker = Tracker(every=1)
    for side in [100.0] * 50 + [120.0] * 20:
        tracker.confirm(face(100, 200, side)[None])
        tracker.update([points(face(100, 200))], SIZE)
    assert 1.17 < tracker.tracks[0].relation.scale < 1.2


def test_a_relation_by_hand():
    """Variances are 100 and 0, their mean 50: a square of side 4 x 7.07 about 20, 10."""
    relation = relation_of(np.array([[10.0, 10], [30, 10]]), np.array([10.0, 0, 50, 40]))
    side = 4 * 50**0.5
    assert astuple(relation) == pytest.approx((10 / side, 10 / side, 40 / side))


def test_wrong_settings():
    with pytest.raises(ValueError, match=r'predict_video\(detect_every=\) must be at least 1. Got 0'):
        Tracker(0)

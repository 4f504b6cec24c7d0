"""Landmarks in videos that are drawn, with the truth known."""

import os
import signal
import sys
import weakref
from dataclasses import replace

import cv2
import numpy as np
import pytest
from rich.console import Console
from turned_video import turn_video

from mmsepbn.apis import FaceLandmarker
from mmsepbn.detectors.detector import Found
from mmsepbn.detectors.make import make_detector
from mmsepbn.video import progress, window
from mmsepbn.video.frames import Frames
from mmsepbn.video.one_euro import OneEuro
from mmsepbn.video.predict_video import predict_frames, predict_video
from mmsepbn.video.writer import VideoWriter


def test_faces_are_followed_and_drawn(landmarker, clip, tmp_path):
    path, truth = clip
    calls = []
    search = landmarker.detector.search
    landmarker.detector = replace(landmarker.detector, search=lambda *args: calls.append(1) or search(*args))

    def draw(image, faces):
        image = image.copy()
        for face in faces:
            for x, y in face.landmarks['wider_face']:
                cv2.circle(image, (round(float(x)), round(float(y))), 2, (128, 128, 128), -1)
        return image

    faces = predict_video(landmarker, path, tmp_path / 'out.avi', draw=draw, detect_every=10)
    assert [[face.track for face in each] for each in faces] == [[0, 1]] * 24
    found = np.array([[face.landmarks['wider_face'] for face in each] for each in faces])
    assert np.abs(found - truth[:, ::-1]).max() < 1.5, 'the larger face, drawn second, comes first'
    assert len(calls) == 3, 'at frames 0, 10 and 20'
    written = list(Frames(tmp_path / 'out.avi'))
    assert len(written) == 24
    last = written[-1].image.astype(int)
    for x, y in truth[-1].reshape(-1, 2):
        assert np.abs(last[round(y), round(x)] - 128).max() < 60, 'drawn where the landmark is'


def test_of_two_faces_whose_sizes_cross_one_is_followed(landmarker, tmp_path):
    writer = VideoWriter(tmp_path / 'sizes.avi', 12, (320, 240))
    for number in range(40):
        image = np.zeros((240, 320, 3), np.uint8)
        for x, side in ((60, 90 - number), (220, 50 + number)):
            cv2.rectangle(image, (x - side // 2, 60), (x + side // 2, 60 + side), (255, 255, 255), -1)
        writer.write(image, number / 12)
    writer.close()
    one = FaceLandmarker(landmarker.network, faces=landmarker.detector, max_faces=1)
    faces = predict_video(one, tmp_path / 'sizes.avi')
    numbers = [[face.track for face in each] for each in faces]
    assert numbers[0] == [0]
    assert numbers[-1] == [1]
    assert {len(each) for each in numbers} == {1}


def test_a_video_of_a_phone_is_predicted_and_written_upright(landmarker, clip, tmp_path):
    path, truth = clip
    writer = VideoWriter(tmp_path / 'phone.mp4', 12, (240, 320))
    for frame in Frames(path):
        writer.write(np.ascontiguousarray(np.rot90(frame.image)), frame.time)
    writer.close()
    turn_video(tmp_path / 'phone.mp4', 90)
    faces = predict_video(landmarker, tmp_path / 'phone.mp4', tmp_path / 'out.mp4')
    found = np.array([[face.landmarks['wider_face'] for face in each] for each in faces])
    assert np.abs(found - truth[:, ::-1]).max() < 2
    for before, after in zip(Frames(path), Frames(tmp_path / 'out.mp4'), strict=True):
        assert after.image.shape == before.image.shape
        assert np.abs(after.image.astype(int) - before.image).mean() < 8


def test_a_camera_that_ends_is_written_as_it_came(landmarker, clip, tmp_path, connect):
    connect(0, clip[0])
    faces = predict_video(landmarker, 'webcam:0', tmp_path / 'out.mp4')
    assert [len(each) for each in faces] == [2] * 24
    assert len(list(Frames(tmp_path / 'out.mp4'))) >= 1


def test_frames_that_are_done_are_not_kept(landmarker, clip):
    """Of a video of hours neither images nor faces; nor is the file open when whoever reads it stops."""
    images, before = [], signal.getsignal(signal.SIGINT)
    frames = predict_frames(landmarker, clip[0])
    for frame, faces in frames:
        images.append(weakref.ref(frame.image))
        assert len(faces) == 2
        assert sum(image() is not None for image in images) <= 2
        if len(images) == 9:
            frames.close()
    assert len(images) == 9
    assert signal.getsignal(signal.SIGINT) == before


def test_smoothed_landmarks_are_those_of_the_filter(landmarker, clip):
    raw = predict_video(landmarker, clip[0])
    smooth = predict_video(landmarker, clip[0], smooth=True)
    for number in (0, 1):
        one_euro = OneEuro()
        for index, (before, after) in enumerate(zip(raw, smooth, strict=True)):
            (before,), (after,) = ([face for face in each if face.track == number] for each in (before, after))
            side = before.box[2] - before.box[0]
            expected = one_euro(before.landmarks['wider_face'], side, index / 12)
            assert after.landmarks['wider_face'] == pytest.approx(expected, abs=1e-4)


def test_a_video_without_faces(landmarker, tmp_path):
    writer = VideoWriter(tmp_path / 'dark.avi', 10, (64, 48))
    for number in range(5):
        writer.write(np.zeros((48, 64, 3), np.uint8), number / 10)
    writer.close()
    assert predict_video(landmarker, tmp_path / 'dark.avi', tmp_path / 'out.avi') == [[]] * 5
    assert len(list(Frames(tmp_path / 'out.avi'))) == 5


@pytest.mark.parametrize('scores', [None, [0.75, 0.5]])
def test_faces_end_where_the_video_turns_black(landmarker, clip, tmp_path, scores):
    """For 12 frames, fewer than it takes to miss faces that were found often; whose detector and score are told."""
    frames = [frame.image for frame in Frames(clip[0])]
    writer = VideoWriter(tmp_path / 'ends.avi', 12, (320, 240))
    for number, image in enumerate([*frames, *[np.zeros_like(frames[0])] * 12]):
        writer.write(image, number / 12)
    writer.close()
    search = landmarker.detector.search

    def scored(*args):
        boxes = search(*args).boxes
        return Found(boxes, None if scores is None else np.where(boxes[:, 2] - boxes[:, 0] > 80, *scores))

    landmarker.detector = replace(landmarker.detector, search=scored)
    faces = predict_video(landmarker, tmp_path / 'ends.avi', detect_every=2)
    assert [len(each) for each in faces] == [2] * 24 + [0] * 12
    wanted = scores or [None, None]
    assert [[face.score for face in each] for each in faces[:24]] == [wanted] * 24
    assert {face.detector for each in faces for face in each} == {'squares'}


def test_ctrl_c_finishes_the_frame_and_the_file(landmarker, clip, tmp_path):
    drawn = []

    def draw(image, faces):
        drawn.append(image)
        if len(drawn) == 7:
            os.kill(os.getpid(), signal.SIGINT)
        return image

    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        predict_video(landmarker, clip[0], tmp_path / 'out.mp4', draw=draw)
    assert len(list(Frames(tmp_path / 'out.mp4'))) == len(drawn) == 7
    assert not list(tmp_path.glob('.*part*'))
    assert signal.getsignal(signal.SIGINT) is before


def test_ctrl_c_works_during_and_after_videos_side_by_side(landmarker, clip):
    """Of which the first to begin is the first to end."""

    def interrupt():
        os.kill(os.getpid(), signal.SIGINT)
        signal.getsignal(signal.SIGINT)  # Python calls handlers between two instructions

    before = signal.getsignal(signal.SIGINT)
    try:
        first, second = predict_frames(landmarker, clip[0]), predict_frames(landmarker, clip[0])
        next(first), next(second)
        first.close()
        assert signal.getsignal(signal.SIGINT) is not before
        interrupt()
        with pytest.raises(KeyboardInterrupt):
            list(second)
        with pytest.raises(KeyboardInterrupt):
            interrupt()
        assert signal.getsignal(signal.SIGINT) is before
        assert len(list(predict_frames(landmarker, clip[0]))) == 24
        with pytest.raises(KeyboardInterrupt):
            interrupt()
    finally:
        signal.signal(signal.SIGINT, before)


def test_landmarks_that_are_not_finite_are_named(landmarker, clip, monkeypatch):
    lost = {'wider_face': np.full((2, 5, 2), np.nan, np.float32)}
    monkeypatch.setattr(type(landmarker.network), '__call__', lambda *_: lost)
    with pytest.raises(ValueError, match=r'^The network predicts non-finite landmarks in frame 0\.$'):
        predict_video(landmarker, clip[0])


def test_the_answer_of_a_detector_of_ones_own_is_checked(landmarker, clip):
    def boxes(image, path=None):
        return np.array([[0, 0, 20, 20]])

    boxes.name = 'own'
    with pytest.raises(ValueError, match=r'^The detector own must return Found: .* Got array'):
        predict_video(FaceLandmarker(landmarker.network, faces=boxes), clip[0])


def test_an_error_in_the_middle_leaves_the_frames_before_it(landmarker, clip, tmp_path):
    count = iter(range(99))

    def draw(image, faces):
        if next(count) == 5:
            raise ValueError('in the middle')
        return image

    with pytest.raises(ValueError, match='in the middle'):
        predict_video(landmarker, clip[0], tmp_path / 'out.avi', draw=draw)
    assert len(list(Frames(tmp_path / 'out.avi'))) == 5


def test_boxes_of_a_file_are_not_those_of_a_video(landmarker, clip, tmp_path):
    (tmp_path / 'boxes.csv').write_text('image,x1,y1,x2,y2\nclip.avi,0,0,9,9\n')
    landmarker.detector = make_detector(str(tmp_path / 'boxes.csv'))
    with pytest.raises(ValueError, match=r'^Boxes of a file are for images, not for videos: .* Got .*clip\.avi'):
        predict_video(landmarker, clip[0], tmp_path / 'out.avi')
    assert not (tmp_path / 'out.avi').exists()


def test_the_bar_tells_frames_per_second(landmarker, clip, monkeypatch, capsys):
    monkeypatch.setattr(progress, 'Console', lambda **_: Console(stderr=True, force_terminal=True, width=100))
    predict_video(landmarker, clip[0], progress=True)
    shown = capsys.readouterr().err
    assert 'clip.avi' in shown
    assert '24 frames' in shown
    assert 'frames/s' in shown


@pytest.mark.skipif(sys.platform != 'linux', reason='elsewhere windows need no variable')
@pytest.mark.parametrize('variables', [{}, {'DISPLAY': ':97'}, {'WAYLAND_DISPLAY': 'wayland-97'}], ids=str)
def test_without_a_display_that_answers_no_window_is_tried(landmarker, clip, tmp_path, monkeypatch, variables):
    """OpenCV's Qt ends the process there."""
    for name in ('DISPLAY', 'WAYLAND_DISPLAY', 'QT_QPA_PLATFORM'):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(cv2, 'imshow', lambda *_: pytest.fail('a window'))
    with pytest.raises(ValueError, match=r'predict_video\(show=\) needs a display.* Got: .+\.') as caught:
        predict_video(landmarker, clip[0], tmp_path / 'out.avi', show=True)
    assert '\n' not in str(caught.value)
    assert not (tmp_path / 'out.avi').exists()


def test_where_windows_open_frames_are_shown(landmarker, clip, monkeypatch):
    """Until q is pressed; then the window is closed, of which OpenCV may know nothing any more."""
    shown, closed = [], []

    def destroy(title):
        closed.append(title)
        raise cv2.error('no such window')

    monkeypatch.setattr(cv2, 'destroyWindow', destroy)
    monkeypatch.setattr(window, '_OPEN_WINDOW', '')
    monkeypatch.setattr(cv2, 'imshow', lambda title, image: shown.append(title))
    monkeypatch.setattr(cv2, 'waitKey', lambda _: ord('q') if len(shown) == 3 else -1)
    assert len(predict_video(landmarker, clip[0], show=True)) == len(shown) == 3
    assert {*shown} == {*closed} == {str(clip[0])}


def test_a_video_does_not_replace_itself(landmarker, clip, tmp_path):
    before = clip[0].read_bytes()
    (tmp_path / 'link.avi').symlink_to(clip[0])
    with pytest.raises(ValueError, match=r"predict_video\(out=\) must be another file than source\. Got '.*clip\.avi'"):
        predict_video(landmarker, tmp_path / 'link.avi', clip[0])
    assert clip[0].read_bytes() == before

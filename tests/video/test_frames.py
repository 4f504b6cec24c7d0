import os
import sys
from contextlib import nullcontext
from time import sleep
from types import SimpleNamespace

import numpy as np
import pytest
from turned_video import turn_video

from mmsepbn.video.frames import Frames, ShortVideoWarning
from mmsepbn.video.writer import _CODECS, SUFFIXES, VideoWriter


def write(path, count, rate=10, size=(64, 48)):
    """A video whose frames get brighter."""
    writer = VideoWriter(path, rate, size)
    for number in range(count):
        writer.write(np.full((size[1], size[0], 3), 10 * number, np.uint8), number / rate)
    writer.close()
    return path


@pytest.mark.parametrize('suffix', [*SUFFIXES, '.AVI'])
def test_what_was_written_is_read(tmp_path, suffix):
    frames = Frames(write(tmp_path / f'new/clip{suffix}', 7))
    assert (frames.rate, frames.count) == (10, 7)
    read = list(frames)
    frames.close()
    assert [frame.number for frame in read] == list(range(7))
    assert [frame.time for frame in read] == pytest.approx([number / 10 for number in range(7)])
    assert [frame.image.mean() for frame in read] == pytest.approx([10 * number for number in range(7)], abs=5)
    assert read[0].image.shape == (48, 64, 3)
    assert [path.name for path in (tmp_path / 'new').iterdir()] == [f'clip{suffix}'], 'no part is left'


@pytest.mark.parametrize('suffix', ['.mp4', '.mov'])
@pytest.mark.parametrize('degrees', [0, 90, 180, 270])
def test_videos_of_phones_are_turned_as_players_show_them(tmp_path, suffix, degrees):
    shown = np.zeros((48, 64, 3), np.uint8)
    shown[:24, :32] = 255
    stored = np.rot90(shown, degrees // 90)  # counterclockwise, which players undo
    writer = VideoWriter(tmp_path / f'clip{suffix}', 10, stored.shape[1::-1])
    writer.write(np.ascontiguousarray(stored), 0)
    writer.close()
    turn_video(tmp_path / f'clip{suffix}', degrees)
    (frame,) = Frames(tmp_path / f'clip{suffix}')
    assert frame.image.shape == shown.shape
    assert np.abs(frame.image.astype(int) - shown).mean() < 5


def test_a_camera_has_its_own_time_and_no_count(tmp_path, connect):
    connect(2, write(tmp_path / 'clip.avi', 3))
    frames = Frames('webcam:2')
    assert (frames.count, frames.rate) == (None, 10)
    times = []
    for frame in frames:
        times.append(frame.time)
        sleep(0.02 * (frame.number + 1))
    assert np.diff(times).min() >= 0.02
    assert np.diff(times).tolist() != pytest.approx([0.1, 0.1], abs=1e-6), 'by the clock, not by the rate'


def test_the_time_of_a_camera_begins_with_its_first_frame(tmp_path, connect):
    """Which may take it long."""
    connect(2, write(tmp_path / 'clip.avi', 3))
    frames = Frames('webcam:2')
    read = frames._capture.read
    frames._capture = SimpleNamespace(read=lambda: (sleep(0.3), read())[1])
    times = [frame.time for frame in frames]
    assert times[0] == 0
    assert np.diff(times).min() >= 0.3


def test_a_slow_camera_is_written_in_its_own_time(tmp_path):
    """Frames at 0, 0.3 and 0.32 s at 10 frames a second: the first is there until the second, the third is one more."""
    writer = VideoWriter(tmp_path / 'slow.avi', 10, (64, 48))
    for time, gray in ((0.0, 50), (0.3, 100), (0.32, 150), (0.4, 200)):
        writer.write(np.full((48, 64, 3), gray, np.uint8), time)
    writer.close()
    shades = [round(frame.image.mean() / 50) for frame in Frames(tmp_path / 'slow.avi')]
    assert shades == [1, 2, 2, 2, 4]


@pytest.mark.parametrize('suffix', SUFFIXES)
@pytest.mark.parametrize('rate', [66.6667, 74.9925, 239.7615, 240.003, 999.999, 59.94006, 29.97002997, 0.5])
def test_any_rate_is_written(tmp_path, suffix, rate):
    frames = Frames(write(tmp_path / f'clip{suffix}', 7, rate))
    assert frames.rate == pytest.approx(rate, rel=1e-4)
    assert len(list(frames)) == 7


@pytest.mark.parametrize('suffix', SUFFIXES)
@pytest.mark.parametrize(('size', 'written'), [((65, 49), (66, 50)), ((65, 48), (66, 48)), ((1, 1), (2, 2))])
def test_of_odd_sizes_nothing_is_cut_off(tmp_path, suffix, size, written):
    (*_, last) = Frames(write(tmp_path / f'clip{suffix}', 6, size=size))
    assert last.image.shape[1::-1] == written
    assert np.abs(last.image.astype(int) - 50).max() < 10, 'also at the edges'


def test_a_video_without_frames_is_none(tmp_path):
    VideoWriter(tmp_path / 'none.avi', 10, (64, 48)).close()
    assert list(tmp_path.iterdir()) == []


def test_two_writers_of_a_name_do_not_mix(tmp_path):
    writers = [VideoWriter(tmp_path / 'clip.avi', 10, (64, 48)) for _ in range(2)]
    for gray, writer in zip((50, 150), writers, strict=True):
        for number in range(5):
            writer.write(np.full((48, 64, 3), gray, np.uint8), number / 10)
    writers[0].close()
    with pytest.raises(FileExistsError, match=r'clip\.avi was made by another process in the meantime'):
        writers[1].close()
    assert [round(frame.image.mean() / 50) for frame in Frames(tmp_path / 'clip.avi')] == 5 * [1]
    assert [path.name for path in tmp_path.iterdir()] == ['clip.avi']
    assert len(list(Frames(write(tmp_path / 'clip.avi', 3)))) == 3, 'what was there before is replaced'


def test_frames_of_another_size(tmp_path):
    writer = VideoWriter(tmp_path / 'clip.avi', 10, (64, 48))
    with pytest.raises(ValueError, match=r'must be \(64, 48\) pixels. Got \(48, 64\)'):
        writer.write(np.zeros((64, 48, 3), np.uint8), 0)


@pytest.mark.parametrize(
    ('name', 'codec', 'message'),
    [
        ('clip.gif', None, 'must be written to .mp4, .avi'),
        ('clip.mp4', 'NONE', 'lacks the codec NONE, or it cannot have 64 x 48 pixels at 10 frames'),
    ],
)
def test_what_cannot_be_written(tmp_path, capfd, monkeypatch, name, codec, message):
    if codec:
        monkeypatch.setitem(_CODECS, '.mp4', codec)
    with pytest.raises(ValueError, match=message):
        VideoWriter(tmp_path / name, 10, (64, 48))
    assert list(tmp_path.iterdir()) == []
    assert capfd.readouterr().err == ''


def test_a_file_that_is_no_folder(tmp_path):
    (tmp_path / 'file').touch()
    with pytest.raises(OSError, match='file'):
        VideoWriter(tmp_path / 'file' / 'clip.avi', 10, (64, 48))


def test_what_is_no_video(tmp_path, capfd):
    (tmp_path / 'text.mp4').write_text('no video')
    with pytest.raises(ValueError, match=r'text.mp4 cannot be read as a video'):
        Frames(tmp_path / 'text.mp4')
    with pytest.raises(FileNotFoundError, match=r'There is no video .*nowhere.mp4'):
        Frames(tmp_path / 'nowhere.mp4')
    with pytest.raises(
        FileNotFoundError, match=r'must be a file; addresses are not fetched\. Got https://x\.org/a\.mp4'
    ):
        Frames('https://x.org/a.mp4')
    assert capfd.readouterr().err == ''


def test_a_camera_that_is_not_there(capfd):
    with pytest.raises(FileNotFoundError, match='There is no camera webcam:99'):
        Frames('webcam:99')
    assert capfd.readouterr().err == ''


@pytest.mark.parametrize('name', [f'webcam:{number}' for number in ('', 'x', '-1', '0.5', ' 0', 100, 10**20)])
def test_a_camera_without_its_number(tmp_path, monkeypatch, name):
    """From 100 on OpenCV takes numbers for its own ways to a camera, and beyond 32 bits raises."""
    with pytest.raises(ValueError, match=rf'^A camera must be webcam: and its number, from 0 to 99. Got {name!r}\.$'):
        Frames(name)
    monkeypatch.chdir(tmp_path)
    write(tmp_path / 'clip.avi', 2).rename(name)
    assert len(list(Frames(name))) == 2, 'a file may have such a name'


@pytest.mark.parametrize('suffix', ['.mkv', '.avi'])
@pytest.mark.filterwarnings('error')
def test_a_video_cut_short_is_read_as_far_as_it_goes_and_says_so(tmp_path, suffix):
    whole = write(tmp_path / f'clip{suffix}', 20, size=(320, 240)).read_bytes()
    assert len(list(Frames(tmp_path / f'clip{suffix}'))) == 20
    (tmp_path / f'cut{suffix}').write_bytes(whole[: len(whole) * 2 // 3])
    read = []
    with pytest.warns(ShortVideoWarning) as caught:
        read.extend(Frames(tmp_path / f'cut{suffix}'))
    assert 0 < len(read) < 20
    wanted = f'{tmp_path}/cut{suffix} declares 20 frames, of which {len(read)} can be read: is it cut short?'
    assert [str(each.message) for each in caught] == [wanted]


@pytest.mark.filterwarnings('error')
def test_a_length_in_place_of_a_count_is_taken_as_roughly_right(tmp_path):
    """One frame of 40 is more than a Matroska file need have; an AVI file says how many it has."""
    for suffix, warned in (('.mkv', False), ('.avi', True)):
        frames = Frames(write(tmp_path / f'clip{suffix}', 39))
        frames.count = 40
        with pytest.warns(ShortVideoWarning) if warned else nullcontext():
            assert len(list(frames)) == 39


@pytest.mark.skipif(sys.platform != 'linux', reason='such names are of Linux')
def test_a_name_that_is_not_utf8_is_refused_before_opencv_ends_the_process(clip, tmp_path):
    path = tmp_path / os.fsdecode(b'caf\xe9.avi')
    path.write_bytes(clip[0].read_bytes())
    with pytest.raises(ValueError, match='cannot be read as a video: its name must be UTF-8'):
        Frames(path)
    with pytest.raises(ValueError, match='cannot be written: the name of a video must be UTF-8'):
        VideoWriter(path, 10, (64, 48))

"""Landmarks in a video or from a camera."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mmsepbn.apis.face import Face
from mmsepbn.detectors.box_map import box_map_for
from mmsepbn.detectors.detector import Found
from mmsepbn.detectors.fit import squares
from mmsepbn.video.frames import Frame, Frames
from mmsepbn.video.interrupt import noted_interrupt
from mmsepbn.video.look import still_shows
from mmsepbn.video.one_euro import OneEuro
from mmsepbn.video.progress import frame_progress
from mmsepbn.video.tracker import Track, Tracker
from mmsepbn.video.window import check_window, show_image
from mmsepbn.video.writer import VideoWriter

if TYPE_CHECKING:
    from mmsepbn.apis.face_landmarker import FaceLandmarker

Draw = Callable[[NDArray[np.uint8], Sequence[Face]], NDArray[np.uint8]]


class VideoFaces(NamedTuple):
    """The faces of one frame; ``track`` of each is its identity, ``box`` where it was looked for, a square."""

    frame: Frame
    faces: list[Face]


def predict_video(
    landmarker: 'FaceLandmarker',
    source: str | Path,
    out: str | Path | None = None,
    *,
    draw: Draw | None = None,
    detect_every: int = 10,
    smooth: bool = False,
    show: bool = False,
    progress: bool = False,
) -> list[list[Face]]:
    """The faces of every frame of a video, or of a camera until Ctrl-C.

    Args:
        landmarker: finds faces and their landmarks.
        source: a video file, or ``webcam:0``.
        out: video file to write what ``draw`` draws to, frame by frame; None: none is written.
        draw: image (H, W, 3) BGR and its faces -> image of the same size; None: frames stay as they are.
        detect_every: faces are sought again after so many frames, and where one is lost.
        smooth: landmarks are smoothed over time, see :class:`OneEuro`.
        show: show what is drawn in a window; q or Escape ends.
        progress: a bar on standard error.

    Returns:
        faces of each frame; see :class:`VideoFaces`.

    Raises:
        FileNotFoundError, ValueError, OSError: source or ``out`` cannot be read or written, they are one file, or
            there is no display.
        KeyboardInterrupt: after Ctrl-C, when the frame in hand is done and ``out`` is finished.
        ShortVideoWarning: as a warning, the video has fewer frames than it declares.
    """
    if out is not None and os.path.realpath(out) == os.path.realpath(source):
        raise ValueError(f'predict_video(out=) must be another file than source. Got {str(out)!r}.')
    if show:
        check_window()
    results: list[list[Face]] = []
    frames = Frames(source)
    with ExitStack() as stack:
        stop = stack.enter_context(noted_interrupt())
        stack.callback(frames.close)
        bar = stack.enter_context(frame_progress(progress))
        task = bar.add_task(Path(frames.source).name, total=frames.count)
        writer: VideoWriter | None = None
        for frame, faces in follow_faces(landmarker, frames, detect_every, smooth):
            drawn = draw(frame.image, faces) if draw else frame.image
            if out is not None and writer is None:
                writer = VideoWriter(out, frames.rate, (drawn.shape[1], drawn.shape[0]))
                stack.callback(writer.close)
            if writer:
                writer.write(drawn, frame.time)
            results.append(faces)
            bar.advance(task)
            if (show and show_image(drawn, frames.source)) or stop():
                break
    return results


def follow_faces(
    landmarker: 'FaceLandmarker', frames: Iterable[Frame], detect_every: int = 10, smooth: bool = False
) -> Iterator[VideoFaces]:
    """The faces of each frame as it comes; see :func:`predict_video`. One forward pass a frame, for all faces."""
    tracker = Tracker(detect_every)
    filters: dict[tuple[int | None, str], OneEuro] = {}
    before: NDArray[np.uint8] | None = None
    for frame in frames:
        if before is not None:
            tracker.doubt([not still_shows(before, frame.image, track.box) for track in tracker.tracks])
        if tracker.wants_boxes:
            tracker.confirm(*_found(landmarker, frame.image))
        faces = _faces(landmarker, frame.image, tracker.tracks)
        height, width = frame.image.shape[:2]
        places = tracker.update([next(iter(face.landmarks.values())) for face in faces], (width, height))
        faces = [faces[place] for place in places]
        before = frame.image.copy() if tracker.tracks else None  # whoever gets the frame may draw on it
        if smooth:
            faces = [_smoothed(face, frame.time, filters) for face in faces]
            followed = {face.track for face in faces}
            filters = {key: value for key, value in filters.items() if key[0] in followed}
        yield VideoFaces(frame, faces)


def _found(landmarker: 'FaceLandmarker', image: NDArray[np.uint8]) -> Found:
    """Found faces, their boxes as squares of the kind that the network was trained with."""
    detector = landmarker.detector
    box_map = box_map_for(landmarker.network.info.box_maps, detector.name, landmarker.protocols)
    found = detector(image)
    return Found(box_map(squares(found.boxes)), found.scores)


def _faces(landmarker: 'FaceLandmarker', image: NDArray[np.uint8], tracks: Sequence[Track]) -> list[Face]:
    """The faces in the boxes of tracks, one for each."""
    if not tracks:
        return []
    faces = landmarker(image, boxes=np.array([track.box for track in tracks]))
    name = landmarker.detector.name
    return [
        replace(face, track=track.number, score=track.score, detector=name)
        for face, track in zip(faces, tracks, strict=True)
    ]


def _smoothed(face: Face, time: float, filters: dict[tuple[int | None, str], OneEuro]) -> Face:
    """The face with smoothed landmarks; each identity and protocol has its own filter among ``filters``."""
    side = float(face.box[2] - face.box[0])
    points = {
        name: filters.setdefault((face.track, name), OneEuro())(landmarks, side, time).astype(np.float32)
        for name, landmarks in face.landmarks.items()
    }
    return replace(face, landmarks=points)

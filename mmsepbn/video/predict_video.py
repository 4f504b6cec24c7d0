"""Landmarks in a video or from a camera."""

import os
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mmsepbn.apis.face import Face
from mmsepbn.apis.image import ShownImage
from mmsepbn.boxes import square_box
from mmsepbn.detectors.detector import Found, checked_found
from mmsepbn.detectors.given_boxes import GivenBoxes
from mmsepbn.fitted.box_map import box_map_for
from mmsepbn.video.frames import Frame, Frames
from mmsepbn.video.interrupt import noted_interrupt
from mmsepbn.video.look import look_of, still_shows
from mmsepbn.video.one_euro import OneEuro
from mmsepbn.video.progress import frame_progress
from mmsepbn.video.tracker import Track, Tracker
from mmsepbn.video.window import check_window, close_window, show_image
from mmsepbn.video.writer import VideoWriter

if TYPE_CHECKING:
    from mmsepbn.apis.face_landmarker import FaceLandmarker

Draw = Callable[[NDArray[np.uint8], Sequence[Face]], NDArray[np.uint8]]


class VideoFaces(NamedTuple):
    """The faces of one frame; ``track`` of each is its identity, ``box`` the square that was cropped."""

    frame: Frame
    faces: list[Face]


def predict_video(
    landmarker: 'FaceLandmarker', source: str | Path, out: str | Path | None = None, **options: Any
) -> list[list[Face]]:
    """The faces of each frame of a video; arguments and errors are those of :func:`predict_frames`."""
    return [faces for _, faces in predict_frames(landmarker, source, out, **options)]


def predict_frames(
    landmarker: 'FaceLandmarker',
    source: str | Path,
    out: str | Path | None = None,
    *,
    draw: Draw | None = None,
    detect_every: int = 10,
    smooth: bool = False,
    show: bool = False,
    progress: bool = False,
) -> Generator[VideoFaces, None, None]:
    """The faces of every frame of a video, or of a camera until Ctrl-C, each frame as it is done.

    Args:
        landmarker: finds faces and their landmarks.
        source: a video file, or ``webcam:0``.
        out: video file to write what ``draw`` draws to, frame by frame; None: none is written.
        draw: image (H, W, 3) BGR and its faces -> image of the same size; None: frames stay as they are.
        detect_every: run the detector every so many frames, and when a face is lost.
        smooth: landmarks are smoothed over time, see :class:`OneEuro`.
        show: show the drawn frames in a window; q or Escape quits.
        progress: a bar on standard error.

    Yields:
        frames and their faces; previous frames are not kept.

    Raises:
        FileNotFoundError, ValueError, OSError: source or ``out`` cannot be read or written, they are one file,
            there is no display, or the landmarker has boxes of a file.
        KeyboardInterrupt: after Ctrl-C, when the current frame is done and ``out`` is finished.
        ShortVideoWarning: as a warning, the video has fewer frames than it declares.
    """
    if out is not None and os.path.realpath(out) == os.path.realpath(source):
        raise ValueError(f'predict_video(out=) must be another file than source. Got {str(out)!r}.')
    if isinstance(landmarker.detector, GivenBoxes):
        raise ValueError(
            'Boxes of a file are for images, not for videos: FaceLandmarker(faces=), --faces, must be a detector. '
            f'Got boxes for {source}.'
        )
    if show:
        check_window()
    frames = Frames(source)
    with ExitStack() as stack:
        stop = stack.enter_context(noted_interrupt())
        stack.callback(frames.close)
        if show:
            stack.callback(close_window, frames.source)
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
            yield VideoFaces(frame, faces)
            bar.advance(task)
            if (show and show_image(drawn, frames.source)) or stop():
                break


def follow_faces(
    landmarker: 'FaceLandmarker', frames: Iterable[Frame], detect_every: int = 10, smooth: bool = False
) -> Iterator[VideoFaces]:
    """The faces of each frame as it comes; see :func:`predict_frames`. One forward pass a frame, for all faces."""
    tracker = Tracker(detect_every, max_faces=landmarker.limits.max_faces)
    filters: dict[tuple[int | None, str], OneEuro] = {}
    looks: list[NDArray[np.float32]] = []
    for frame in frames:
        followed = zip(tracker.tracks, looks, strict=True)
        tracker.doubt([not still_shows(look, frame.image, track.box) for track, look in followed])
        if tracker.wants_boxes:
            tracker.confirm(*_found(landmarker, frame.image))
        faces = _faces(landmarker, frame, tracker.tracks)
        height, width = frame.image.shape[:2]
        places = tracker.update([next(iter(face.landmarks.values())) for face in faces], (width, height))
        faces = [faces[place] for place in places]
        looks = [look_of(frame.image, track.box) for track in tracker.tracks]  # of a frame that others may draw on
        if smooth:
            faces = [_smoothed(face, frame.time, filters) for face in faces]
            numbers = {face.track for face in faces}
            filters = {key: value for key, value in filters.items() if key[0] in numbers}
        yield VideoFaces(frame, faces)


def _found(landmarker: 'FaceLandmarker', image: NDArray[np.uint8]) -> Found:
    """Detected faces, with their boxes as squares of the kind that the network was trained with."""
    detector = landmarker.detector
    box_map = box_map_for(landmarker.network.info.box_maps, detector.name, landmarker.protocols)
    found = checked_found(detector(image), detector.name)
    return Found(box_map(square_box(found.boxes)), found.scores)


def _faces(landmarker: 'FaceLandmarker', frame: Frame, tracks: Sequence[Track]) -> list[Face]:
    """The faces in the boxes of tracks, one for each."""
    if not tracks:
        return []
    shown = ShownImage(frame.image, path=f'frame {frame.number}')
    faces = landmarker(shown, boxes=np.array([track.box for track in tracks]))
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

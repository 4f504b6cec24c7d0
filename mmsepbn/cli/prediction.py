"""Predict on a user's inputs: failures are reported, and all others are processed."""

import warnings
from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import Any

import cv2

from mmsepbn.apis.face import Face
from mmsepbn.apis.face_landmarker import FaceLandmarker
from mmsepbn.apis.image import ShownImage, open_image
from mmsepbn.cli.errors import SETTINGS_ERRORS
from mmsepbn.detectors.given_boxes import GivenBoxes
from mmsepbn.outputs.result_files import ResultFiles
from mmsepbn.video.frames import ShortVideoWarning

_MOST_PIXELS = 50_000_000  # of images that are held at once
_FAULTS = (*SETTINGS_ERRORS, cv2.error)
_NO_FACE = 'no face was found.'
_NO_BOX = 'no face was found among the given boxes.'


def predict_images(landmarker: FaceLandmarker, paths: Sequence[str], files: ResultFiles) -> list[str]:
    """Write the faces of images, and print a line for each; returns the problems of those that failed."""
    problems: list[str] = []
    try:
        for images in _chunks(paths, landmarker.batch_size, problems):
            for image, faces in zip(images, _faces_of(landmarker, images), strict=True):
                if problem := _save(files, image, faces, landmarker):
                    problems.append(f'{image.path}: {problem}')
    finally:  # what was found until Ctrl-C is written
        problems += files.close()
    return problems


def predict_videos(landmarker: FaceLandmarker, paths: Sequence[str], files: ResultFiles, **options: Any) -> list[str]:
    """The same of videos and cameras; ``options`` are those of :func:`mmsepbn.video.predict_video.predict_frames`."""
    problems: list[str] = []
    for path in paths:
        try:
            if problem := _predict_video(landmarker, path, files, options):
                problems.append(f'{path}: {problem}')
        except _FAULTS as error:
            problems.append(str(error) if path in str(error) else f'{path}: {error}')
    return problems


def _predict_video(landmarker: FaceLandmarker, path: str, files: ResultFiles, options: dict[str, Any]) -> str | None:
    """Write the faces of a video and print a line; returns its problem."""
    from mmsepbn.video.predict_video import predict_frames  # its progress bar needs rich

    problem: str | None = None
    frames = predict_frames(landmarker, path, files.drawn_video(path), draw=files.draw, progress=True, **options)
    with files.video(path) as written, closing(frames), warnings.catch_warnings():
        warnings.simplefilter('error', ShortVideoWarning)  # comes when all that there is has been drawn
        try:
            for frame, faces in frames:
                written.add((frame.image.shape[1], frame.image.shape[0]), faces)
        except ShortVideoWarning as warning:
            problem = str(warning)
        finally:  # a camera ends with Ctrl-C
            if written.count:
                print(f'{path}: {written.count} frames, {written.seen} with faces')
    return problem or (None if written.seen else _NO_FACE)


def _chunks(paths: Sequence[str], count: int, problems: list[str]) -> Iterator[list[ShownImage]]:
    """Readable images, some at a time; the problems of the others are added to ``problems``."""
    images: list[ShownImage] = []
    for path in paths:
        try:
            images.append(open_image(path))
        except FileNotFoundError as error:
            problems.append(str(error))
        if len(images) == count or sum(image.pixels.size // 3 for image in images) > _MOST_PIXELS:
            yield images
            images = []
    if images:
        yield images


def _faces_of(landmarker: FaceLandmarker, images: Sequence[ShownImage]) -> list[list[Face] | Exception]:
    """The faces of each image, or its problem."""
    try:
        return [*landmarker(images)]
    except _FAULTS as error:
        return [error] if len(images) == 1 else [_faces_of(landmarker, [image])[0] for image in images]


def _save(
    files: ResultFiles, image: ShownImage, faces: list[Face] | Exception, landmarker: FaceLandmarker
) -> str | None:
    """Write the faces of an image and print a line; or return its problem."""
    if isinstance(faces, Exception):
        return str(faces)
    if not faces:
        return _NO_BOX if isinstance(landmarker.detector, GivenBoxes) else _NO_FACE
    try:
        files.add(str(image.path), image, faces)
    except (OSError, ValueError, cv2.error) as error:
        return str(error)
    print(f'{image.path}: {len(faces)} face{"s" * (len(faces) > 1)}')
    return None

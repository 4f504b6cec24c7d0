"""Results as plain JSON and CSV."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

from mmsepbn.apis.face import Face
from mmsepbn.outputs.image_faces import ImageFaces, rounded
from mmsepbn.protocols import Protocol


def json_content(image: ImageFaces) -> dict[str, Any]:
    """``image``, ``width``, ``height`` and ``faces``: each the fields of a :class:`Face`, in pixels of the image."""
    width, height = image.size
    return dict(image=image.path, width=width, height=height, faces=[_face(face) for face in image.faces])


def csv_text(images: Iterable[ImageFaces], protocol: Protocol) -> str:
    """A line for each face: image, number in it, box, score, detector, confidence, and x and y of each landmark."""
    rows = (((image.path, number), face) for image in images for number, face in enumerate(image.faces))
    return _table(('image', 'face'), rows, protocol)


def video_content(path: str, size: tuple[int, int], frames: Sequence[Sequence[Face]]) -> dict[str, Any]:
    """``video``, ``width``, ``height`` and ``frames``: lists of faces as in :func:`json_content`."""
    width, height = size
    return dict(video=path, width=width, height=height, frames=[[_face(face) for face in faces] for faces in frames])


def video_csv(frames: Sequence[Sequence[Face]], protocol: Protocol) -> str:
    """A line for each face: number of the frame from 0, track, and as in :func:`csv_text`."""
    rows = (((number, face.track), face) for number, faces in enumerate(frames) for face in faces)
    return _table(('frame', 'track'), rows, protocol)


def _table(names: tuple[str, str], rows: Iterable[tuple[tuple[Any, Any], Face]], protocol: Protocol) -> str:
    text = io.StringIO()
    lines = csv.writer(text, lineterminator='\n')
    points = [f'{axis}_{name}' for name in protocol.landmark_names for axis in 'xy']
    lines.writerow([*names, 'x1', 'y1', 'x2', 'y2', 'score', 'detector', 'confidence', *points])
    for first, face in rows:
        coordinates = rounded(face.landmarks[protocol.name].ravel())
        lines.writerow([*first, *rounded(face.box), face.score, face.detector, face.confidence, *coordinates])
    return text.getvalue()


def _face(face: Face) -> dict[str, Any]:
    plain = {name: getattr(face, name) for name in ('score', 'detector', 'confidence', 'track')}
    landmarks = {name: rounded(points) for name, points in face.landmarks.items()}
    return dict(box=rounded(face.box), **plain, landmarks=landmarks)

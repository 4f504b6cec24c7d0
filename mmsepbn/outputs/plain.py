"""Results as plain JSON and CSV."""

import csv
import io
import json
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
    rows = (_row(image.path, number, face, protocol) for image in images for number, face in enumerate(image.faces))
    return _lines([_columns('image', 'face', protocol), *rows])


def json_text(content: Any) -> str:
    """JSON in one line; a name that is not UTF-8 has the escapes that JSON readers turn back into the same name."""
    return json.dumps(content, allow_nan=False, ensure_ascii=False)


def utf8(text: str) -> bytes:
    r"""Bytes of a name that are not UTF-8 become ``\udce9`` and the like, so that the file can be read."""
    return text.encode(errors='backslashreplace')


def video_start(path: str, size: tuple[int, int]) -> str:
    """A video's JSON until its first frame: ``video``, ``width``, ``height`` and ``frames``."""
    width, height = size
    known = json_text(dict(video=path, width=width, height=height))
    return f'{known.removesuffix("}")}, "frames": ['


def frame_text(number: int, faces: Sequence[Face]) -> str:
    """What the JSON has of a frame: a list of faces as in :func:`json_content`, in a line of its own."""
    return f'{"," if number else ""}\n{json_text([_face(face) for face in faces])}'


def video_heading(protocol: Protocol) -> str:
    """The first line of a video's CSV: number of the frame from 0, track, and as in :func:`csv_text`."""
    return _lines([_columns('frame', 'track', protocol)])


def video_rows(protocol: Protocol, number: int, faces: Sequence[Face]) -> str:
    """A line for each face of a frame."""
    return _lines(_row(number, face.track, face, protocol) for face in faces)


def _lines(rows: Iterable[Sequence[Any]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator='\n').writerows(rows)
    return text.getvalue()


def _columns(first: str, second: str, protocol: Protocol) -> list[str]:
    points = [f'{axis}_{name}' for name in protocol.landmark_names for axis in 'xy']
    return [first, second, 'x1', 'y1', 'x2', 'y2', 'score', 'detector', 'confidence', *points]


def _row(first: Any, second: Any, face: Face, protocol: Protocol) -> list[Any]:
    coordinates = rounded(face.landmarks[protocol.name].ravel())
    return [first, second, *rounded(face.box), face.score, face.detector, face.confidence, *coordinates]


def _face(face: Face) -> dict[str, Any]:
    plain = {name: getattr(face, name) for name in ('score', 'detector', 'confidence', 'track')}
    landmarks = {name: rounded(points) for name, points in face.landmarks.items()}
    return dict(box=rounded(face.box), **plain, landmarks=landmarks)

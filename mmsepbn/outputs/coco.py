"""Results as COCO keypoints, for annotation tools and pycocotools, and as MMPose's training files."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmsepbn.apis.face import Face
from mmsepbn.datasets.formats.coco_file import SCALE_UNIT
from mmsepbn.datasets.formats.mmpose_json import FIRST_PIXELS
from mmsepbn.datasets.transforms.exif_turn import box_to_stored
from mmsepbn.outputs.image_faces import ImageFaces, rounded, stored_landmarks
from mmsepbn.protocols import Protocol

_VISIBLE = 2


def coco_content(images: Sequence[ImageFaces], protocols: Sequence[Protocol]) -> dict[str, Any]:
    """COCO keypoints, in pixels of the images as viewers show them; 0-based.

    A category of COCO has one skeleton, so each protocol has a category and each face an annotation in each of them;
    ``face``, its number in the image from 0, says which ones belong together.
    """
    annotations = [
        _annotation(image_id, category, face.landmarks[protocol.name], face.box) | _detection(face) | dict(face=number)
        for image_id, image in enumerate(images)
        for number, face in enumerate(image.faces)
        for category, protocol in enumerate(protocols, 1)
    ]
    return _file([_image(number, image) for number, image in enumerate(images)], annotations, protocols)


def mmpose_content(images: Sequence[ImageFaces], protocol: Protocol) -> dict[str, Any]:
    """MMPose's annotation file, which data sets of the protocol read, in pixels as the files have them stored."""
    first_point, first_edge = FIRST_PIXELS.get(protocol.name, (0, 0))
    annotations = []
    for image_id, image in enumerate(images):
        for face in image.faces:
            points = stored_landmarks(image, face, protocol) + first_point
            box = box_to_stored(face.box, image.orientation, image.size) + first_edge
            side = float(max(box[2:] - box[:2]))
            square = dict(center=rounded((box[:2] + box[2:]) / 2), scale=side / SCALE_UNIT, box_size=side)
            annotations.append(_annotation(image_id, 1, points, box) | square | _detection(face))
    sizes = [image.size[::-1] if image.orientation >= 5 else image.size for image in images]
    entries = [_image(number, image, size) for number, (image, size) in enumerate(zip(images, sizes, strict=True))]
    return _file(entries, annotations, [protocol])


def _detection(face: Face) -> dict[str, Any]:
    """Of the detector and the confidence, where there is any."""
    return {key: value for key in ('score', 'detector', 'confidence') if (value := getattr(face, key)) is not None}


def _file(images: list[dict], annotations: list[dict], protocols: Sequence[Protocol]) -> dict[str, Any]:
    for number, annotation in enumerate(annotations, 1):
        annotation['id'] = number
    categories = [
        dict(
            id=number,
            name=f'face_{protocol.name}',
            supercategory='face',
            keypoints=list(protocol.landmark_names),
            skeleton=[[a + 1, b + 1] for part in protocol.parts for a, b in part.links],
        )
        for number, protocol in enumerate(protocols, 1)
    ]
    return dict(images=images, annotations=annotations, categories=categories)


def _image(number: int, image: ImageFaces, size: tuple[int, int] | None = None) -> dict[str, Any]:
    width, height = size or image.size
    return dict(id=number, file_name=image.name, width=width, height=height)


def _annotation(
    image_id: int, category: int, points: NDArray[np.floating], box: NDArray[np.floating]
) -> dict[str, Any]:
    x1, y1, x2, y2 = rounded(box)
    width, height = rounded(np.array([x2 - x1, y2 - y1]))
    triples = [value for x, y in rounded(points) for value in (x, y, _VISIBLE)]
    return dict(
        image_id=image_id,
        category_id=category,
        keypoints=triples,
        num_keypoints=len(points),
        bbox=[x1, y1, width, height],
        area=width * height,
        iscrowd=0,
    )

"""Pictures of many faces at once, with or without landmarks, and the labelled overview of everything drawn here."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from mmsepbn.protocols import PROTOCOLS, get_protocol
from mmsepbn.synthetic.annotated_face import DOMAINS, TAGS, AnnotatedFace
from mmsepbn.synthetic.generator import render_face
from mmsepbn.synthetic.sampling import sample_parameters

_GAP = 4
_SHIFT = 4
_DENSE = 50
# 32 levels a channel are enough for an overview and halve its PNG.
_COARSE_LEVELS = 0xF8
_LINE, _DOT, _INK = (235, 190, 60), (60, 255, 90), (40, 40, 40)


def contact_sheet(
    faces: Sequence[AnnotatedFace], protocol: str | None, columns: int = 6, cell: int = 192
) -> NDArray[np.uint8]:
    """Faces in rows of ``columns`` cells of ``cell`` pixels, (H, W, 3) BGR; ``protocol`` None draws no landmarks."""
    if not faces:
        raise ValueError('contact_sheet(faces=) has at least one face. Got none.')
    cells = [face_cell(face, protocol, cell) for face in faces]
    blank = np.full((cell, cell, 3), 255, np.uint8)
    cells += [blank] * (-len(cells) % min(columns, len(cells)))
    columns = min(columns, len(cells))
    return _stack([_row(cells[first : first + columns]) for first in range(0, len(cells), columns)])


def face_cell(face: AnnotatedFace, protocol: str | None, cell: int) -> NDArray[np.uint8]:
    """One face resized to ``cell`` pixels with its landmarks: curves thin, landmarks as dots."""
    method = cv2.INTER_AREA if cell < len(face.image) else cv2.INTER_CUBIC
    image = np.asarray(cv2.resize(face.image, (cell, cell), interpolation=method), np.uint8)
    if protocol is None:
        return image
    scale = cell / np.array(face.image.shape[1::-1])
    fixed = np.rint(((face.landmarks[protocol] + 0.5) * scale - 0.5) * (1 << _SHIFT)).astype(np.int32)
    dense = len(fixed) > _DENSE
    # Dots of dense protocols nearly touch; lines between them would only hide the face.
    for part in () if dense else get_protocol(protocol).parts:
        cv2.polylines(image, [fixed[list(part.indices)]], part.closed, _LINE, 1, cv2.LINE_AA, _SHIFT)
    radius = round((1 << _SHIFT) * max(cell / 192, 0.8) * (0.85 if dense else 1.8))
    for point in fixed.tolist():
        cv2.circle(image, point, radius, _DOT, -1, cv2.LINE_AA, _SHIFT)
    return image


def overview_sheet(seed: int = 0, columns: int = 6, cell: int = 152) -> NDArray[np.uint8]:
    """Labelled rows: plain faces, landmarks in the three pose clusters, the six attributes, the five protocols."""
    pool = [_clean_face(seed, index) for index in range(40 * columns)]
    plain = [face for face in pool if not face.tags]
    rows = [_labelled('plain faces', [(face, None, '') for face in plain[:columns]], cell)]
    for domain in DOMAINS:
        turned = [face for face in pool if face.domain == domain and face.tags <= {'pose'}]
        label = (
            'near-frontal, 98 landmarks (wflw)' if domain == 'frontal' else f'turned to image-{domain}, 98 landmarks'
        )
        rows.append(_labelled(label, [(face, 'wflw', '') for face in turned[-columns:]], cell))
    for with_landmarks in (None, 'wflw'):
        examples = [(_tagged(pool, tag), with_landmarks, tag) for tag in TAGS]
        rows.append(_labelled('the six attributes' + (', 98 landmarks' if with_landmarks else ''), examples, cell))
    face = next(face for face in plain if face.domain == 'frontal')
    protocols = [(face, name, f'{name}: {PROTOCOLS[name].num_landmarks}') for name in PROTOCOLS]
    rows.append(_labelled('one face, five protocols', [(face, None, ''), *protocols], cell))
    width = max(row.shape[1] for row in rows)
    sheet = _stack([np.pad(row, ((0, 0), (0, width - row.shape[1]), (0, 0)), constant_values=255) for row in rows])
    return (sheet & _COARSE_LEVELS | (sheet >> 5)).astype(np.uint8)


def _clean_face(seed: int, index: int) -> AnnotatedFace:
    """Like ``generate_face`` without sensor noise, which would treble the size of a PNG."""
    rng = np.random.default_rng((seed, index))
    parameters = sample_parameters(rng)
    parameters = replace(parameters, camera=replace(parameters.camera, noise=0.0))
    return render_face(parameters, rng, f'face_{seed}_{index}', 256)


def _tagged(pool: Sequence[AnnotatedFace], tag: str) -> AnnotatedFace:
    """The first face whose only attribute is ``tag``."""
    return next(face for face in pool if face.tags == {tag})


def _labelled(label: str, examples: Iterable[tuple[AnnotatedFace, str | None, str]], cell: int) -> NDArray[np.uint8]:
    """A row of (face, protocol, caption) examples under a heading."""
    cells = []
    for face, protocol, caption in examples:
        image = face_cell(face, protocol, cell)
        if caption:
            cv2.rectangle(image, (0, cell - 17), (9 * len(caption) + 4, cell), (255, 255, 255), -1)
            cv2.putText(image, caption, (4, cell - 5), cv2.FONT_HERSHEY_SIMPLEX, 0.42, _INK, 1, cv2.LINE_AA)
        cells.append(image)
    row = _row(cells)
    heading = np.full((24, row.shape[1], 3), 255, np.uint8)
    cv2.putText(heading, label, (4, 17), cv2.FONT_HERSHEY_SIMPLEX, 0.52, _INK, 1, cv2.LINE_AA)
    return np.concatenate((heading, row))


def _row(cells: Sequence[NDArray[np.uint8]]) -> NDArray[np.uint8]:
    return np.concatenate([np.pad(c, ((0, 0), (0, _GAP), (0, 0)), constant_values=255) for c in cells], axis=1)


def _stack(rows: Sequence[NDArray[np.uint8]]) -> NDArray[np.uint8]:
    return np.concatenate([np.pad(r, ((0, _GAP), (0, 0), (0, 0)), constant_values=255) for r in rows])

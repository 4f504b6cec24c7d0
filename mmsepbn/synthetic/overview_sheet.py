"""The labelled overview of everything that is drawn here."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from mmsepbn.datasets.annotated_face import TAGS, AnnotatedFace
from mmsepbn.datasets.pose_domain import DOMAINS
from mmsepbn.protocols import PROTOCOLS
from mmsepbn.synthetic.generator import render_face
from mmsepbn.synthetic.sampling import sample_parameters
from mmsepbn.visualization.sheet import Image, captioned, face_cell, labelled_row, stacked

# 32 levels a channel are enough for an overview and halve its PNG.
_COARSE_LEVELS = 0xF8
_COLUMNS, _CELL = 6, 152


def overview_sheet(seed: int = 0) -> Image:
    """Labelled rows: plain faces, landmarks in the three pose clusters, the six attributes, the five protocols."""
    pool = [_clean_face(seed, index) for index in range(40 * _COLUMNS)]
    plain = [face for face in pool if not face.tags]

    def cell_of(face: AnnotatedFace, protocol: str | None = None) -> Image:
        if protocol is None:
            return face_cell(face.image, _CELL)
        return face_cell(face.image, _CELL, PROTOCOLS[protocol], face.landmarks[protocol])

    rows = [labelled_row('plain faces', [cell_of(face) for face in plain[:_COLUMNS]])]
    for domain in DOMAINS:
        turned = [face for face in pool if face.domain == domain and face.tags <= {'pose'}]
        label = (
            'near-frontal, 98 landmarks (wflw)' if domain == 'frontal' else f'turned to image-{domain}, 98 landmarks'
        )
        rows.append(labelled_row(label, [cell_of(face, 'wflw') for face in turned[-_COLUMNS:]]))
    for protocol in (None, 'wflw'):
        examples = [captioned(cell_of(_tagged(pool, tag), protocol), tag) for tag in TAGS]
        rows.append(labelled_row('the six attributes' + (', 98 landmarks' if protocol else ''), examples))
    face = next(face for face in plain if face.domain == 'frontal')
    marked = [captioned(cell_of(face, name), f'{name}: {PROTOCOLS[name].num_landmarks}') for name in PROTOCOLS]
    rows.append(labelled_row('one face, five protocols', [cell_of(face), *marked]))
    sheet = stacked(rows)
    return (sheet & _COARSE_LEVELS | (sheet >> 5)).astype(np.uint8)


def _clean_face(seed: int, index: int) -> AnnotatedFace:
    """Like ``generate_face`` without sensor noise, which would treble the size of a PNG."""
    rng = np.random.default_rng((seed, index))
    parameters = sample_parameters(rng)
    parameters = replace(parameters, camera=replace(parameters.camera, noise=0.0))
    return render_face(parameters, rng, f'face_{seed}_{index}', 256)


def _tagged(pool: Sequence[AnnotatedFace], tag: str) -> AnnotatedFace:
    """The first of the faces with the fewest attributes beside ``tag``, mostly none."""
    return min((face for face in pool if tag in face.tags), key=lambda face: len(face.tags))

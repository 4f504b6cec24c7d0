"""The overview image."""

from importlib import import_module

import numpy as np

from mmsepbn.datasets.annotated_face import AnnotatedFace
from mmsepbn.protocols import PROTOCOLS
from mmsepbn.synthetic import overview_sheet


def test_an_attribute_that_no_face_has_alone_is_shown_with_others(monkeypatch):
    """As make-up with seed 170. What is drawn takes no part in it."""

    def render_face(parameters, rng, name, size):
        landmarks = {name: np.full((protocol.num_landmarks, 2), 3.0) for name, protocol in PROTOCOLS.items()}
        image = np.full((64, 64, 3), 40 * len(parameters.tags), np.uint8)
        return AnnotatedFace(name, image, landmarks, (1, 1, 5, 5), parameters.tags, parameters.domain)

    monkeypatch.setattr(import_module('mmsepbn.synthetic.overview_sheet'), 'render_face', render_face)
    usual, rare = overview_sheet(0), overview_sheet(170)
    assert usual.shape == rare.shape
    two = 80 & 0xF8 | 80 >> 5  # two attributes, in coarse levels
    pixels = [(sheet == two).all(axis=2).sum() for sheet in (usual, rare)]
    assert pixels[0] < 5_000 < 20_000 < pixels[1]  # two cells of 152 x 152

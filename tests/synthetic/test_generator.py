"""Whole faces: determinism, landmarks of every protocol, and images that show what the landmarks say."""

from dataclasses import replace

import numpy as np
import pytest

from mmsepbn.datasets.annotated_face import AnnotatedFace
from mmsepbn.protocols import PROTOCOLS
from mmsepbn.synthetic import generate_face, generate_faces
from mmsepbn.synthetic.generator import render_face
from mmsepbn.synthetic.parameters import Camera, Expression, MakeUp
from mmsepbn.synthetic.sampling import sample_parameters

COUNT = 24


@pytest.fixture(scope='module')
def faces():
    return list(generate_faces(COUNT, seed=7, workers=1))


@pytest.fixture(scope='module')
def plain_faces():
    """Frontal, evenly lit faces that hide nothing, at double size."""
    drawn = []
    for index in range(200):
        rng = np.random.default_rng((9, index))
        parameters = sample_parameters(rng)
        if parameters.domain == 'frontal' and not parameters.tags and 'fringe' not in parameters.identity.hair_style:
            clean = replace(parameters, camera=Camera(noise=0.0), make_up=MakeUp(), expression=Expression())
            drawn.append(render_face(clean, rng, str(index), 512))
        if len(drawn) == 5:
            return drawn
    raise AssertionError('five plain faces among 200')


def points(face, protocol, part):
    return face.landmarks[protocol][list(PROTOCOLS[protocol].part(part).indices)]


def colour_around(image, point, radius):
    x, y = np.rint(point).astype(int)
    return image[y - radius : y + radius + 1, x - radius : x + radius + 1].reshape(-1, 3).mean(axis=0)


def same(one, other):
    return one.image.tobytes() == other.image.tobytes() and all(
        np.array_equal(one.landmarks[name], other.landmarks[name]) for name in PROTOCOLS
    )


def test_a_face_depends_on_seed_and_index_alone(faces):
    assert same(generate_face(7, 3), faces[3])
    assert generate_face(7, 3).box == faces[3].box
    assert not np.array_equal(faces[3].image, faces[4].image)
    assert not np.array_equal(faces[3].image, generate_face(8, 3).image)


def test_worker_count_does_not_matter(faces):
    assert all(map(same, generate_faces(6, seed=7, start=2, workers=2), faces[2:8]))


def test_names_are_unique(faces):
    assert len({face.name for face in faces}) == COUNT


@pytest.mark.parametrize('name', list(PROTOCOLS))
def test_landmarks_are_complete_and_inside(faces, name):
    for face in faces:
        landmarks = face.landmarks[name]
        assert landmarks.shape == (PROTOCOLS[name].num_landmarks, 2)
        assert np.isfinite(landmarks).all()
        assert landmarks.min() >= 0
        assert landmarks.max() <= 255


def test_box_is_near_square_and_holds_the_landmarks(faces):
    for face in faces:
        x1, y1, x2, y2 = face.box
        assert (y2 - y1) / (x2 - x1) == pytest.approx(1.0, abs=0.08)
        assert 0.5 < max(x2 - x1, y2 - y1) / 256 < 0.7
        inside = (face.landmarks['wflw'] > (x1, y1)) & (face.landmarks['wflw'] < (x2, y2))
        assert inside.all(axis=1).mean() > 0.9


@pytest.mark.parametrize('name', ['300w', 'cofw', 'aflw'])
def test_protocols_agree_on_shared_anatomy(faces, name):
    for face in faces:
        corners, others = (face.landmarks[key][list(PROTOCOLS[key].eye_corners)] for key in ('wflw', name))
        assert corners == pytest.approx(others, abs=1.0)
        mouth = points(face, 'wflw', 'outer_lip')[[0, 6]]
        lips = points(face, name, 'mouth' if name == 'aflw' else 'outer_lip')
        assert mouth == pytest.approx(lips[[0, len(lips) // 2 if name != 'aflw' else -1]], abs=1.0)
        wings, nose = points(face, 'wflw', 'nose_base')[[0, -1]], points(face, name, NOSES[name])
        assert wings == pytest.approx(nose[[0, 2 if name == 'cofw' else -1]], abs=1.0)
        chin = points(face, 'wflw', 'contour')[16]
        other = points(face, name, 'contour')[8] if name == '300w' else points(face, name, 'chin')[0]
        assert chin == pytest.approx(other, abs=1.0)


NOSES = {'300w': 'nose_base', 'cofw': 'nose', 'aflw': 'nose'}


def test_five_point_protocol_agrees(faces):
    for face in faces:
        assert points(face, 'wider_face', 'nose')[0] == pytest.approx(points(face, 'wflw', 'nose_bridge')[-1], abs=1.0)
        assert points(face, 'wider_face', 'mouth') == pytest.approx(points(face, 'wflw', 'outer_lip')[[0, 6]], abs=1.0)


def test_domain_says_where_the_nose_points(faces):
    assert {face.domain for face in faces} == {'frontal', 'left', 'right'}
    for face in faces:
        left, right = face.landmarks['wflw'][list(PROTOCOLS['wflw'].eye_corners)]
        assert left[0] < right[0]
        along_eyes = (right - left) / np.linalg.norm(right - left)
        middle = 0.5 * (left + right)
        offset = (points(face, 'wider_face', 'nose')[0] - middle) @ along_eyes / np.linalg.norm(right - left)
        if face.domain == 'left':
            assert offset < -0.05
        if face.domain == 'right':
            assert offset > 0.05


def test_pupils_are_dark_between_whites(plain_faces):
    for face in plain_faces:
        for side in ('left', 'right'):
            pupil, ring = points(face, 'wflw', f'{side}_pupil')[0], points(face, 'wflw', f'{side}_eye')
            whites = [colour_around(face.image, pupil + 0.68 * (ring[corner] - pupil), 1) for corner in (0, 4)]
            assert colour_around(face.image, pupil, 3).mean() < 0.6 * np.max(np.mean(whites, axis=1))


def test_lips_are_redder_than_cheeks(plain_faces):
    for face in plain_faces:
        outer, inner = points(face, 'wflw', 'outer_lip'), points(face, 'wflw', 'inner_lip')
        lip = colour_around(face.image, 0.5 * (outer[9] + inner[6]), 2)
        chin = colour_around(face.image, 0.55 * outer[9] + 0.45 * points(face, 'wflw', 'contour')[16], 2)
        assert lip[2] / lip.sum() > chin[2] / chin.sum() + 0.015


def test_brows_are_darker_than_the_forehead_above(plain_faces):
    for face in plain_faces:
        for side in ('left', 'right'):
            brow, eye = (
                points(face, 'wflw', f'{side}_brow').mean(axis=0),
                points(face, 'wflw', f'{side}_eye').mean(axis=0),
            )
            above = brow + 0.5 * (brow - eye)
            assert colour_around(face.image, brow, 2).mean() < 0.85 * colour_around(face.image, above, 2).mean()


@pytest.mark.parametrize(
    ('arguments', 'named'),
    [((-1, 0), 'seed='), ((0, -1), 'index='), ((0, 0, 8), 'size=')],
    ids=lambda value: str(value),
)
def test_bad_arguments_are_named(arguments, named):
    with pytest.raises(ValueError, match=named):
        generate_face(*arguments)


@pytest.mark.parametrize('options', [{'count': -1}, {'count': 1, 'workers': 0}], ids=['count', 'workers'])
def test_bad_counts_are_named(options):
    with pytest.raises(ValueError, match=f'{list(options)[-1]}='):
        generate_faces(**options)


def test_annotated_face_knows_its_words():
    image = np.zeros((4, 4, 3), np.uint8)
    with pytest.raises(ValueError, match='tags='):
        AnnotatedFace('a', image, {}, (0, 0, 1, 1), frozenset({'make-up'}))
    with pytest.raises(ValueError, match='domain='):
        AnnotatedFace('a', image, {}, (0, 0, 1, 1), domain='up')

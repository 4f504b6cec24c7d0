import numpy as np
import pytest

from mmsepbn.video.look import look_of, still_shows

SCENE = np.kron(np.random.default_rng(0).integers(0, 256, (12, 16, 3)), np.ones((10, 10, 1))).astype(np.uint8)
BOX = np.array([40.0, 20, 120, 100])


def noise(scale, seed=1):
    return np.random.default_rng(seed).normal(0, scale, SCENE.shape)


@pytest.mark.parametrize(
    ('now', 'expected'),
    [
        (SCENE, True),
        (np.roll(SCENE, 2, axis=1), True),
        (np.roll(SCENE, -16, axis=1), True),
        (np.clip(SCENE * 0.4 + 60 + noise(10), 0, 255), True),
        (SCENE * 0.01, False),
        (np.clip(4 + noise(3), 0, 255), False),
        (np.full_like(SCENE, 255), False),
        (SCENE[::-1, ::-1], False),
        (255 - SCENE, False),
        (np.roll(SCENE, 60, axis=1), False),
    ],
    ids=['same', 'moved', 'moved by a fifth', 'darker', 'nearly black', 'black', 'white', 'cut', 'negative', 'gone'],
)
def test_a_place_still_shows_what_it_showed(now, expected):
    assert still_shows(look_of(SCENE, BOX), np.asarray(now).astype(np.uint8), BOX) is expected


def test_what_lies_outside_of_the_box_changes_nothing():
    other = 255 - SCENE
    other[20:100, 40:120] = SCENE[20:100, 40:120]
    assert still_shows(look_of(SCENE, BOX), other, BOX)


def test_a_box_that_reaches_beyond_the_image():
    for box, expected in (([-50.0, -50, 60, 60], True), ([-50.0, -50, 0.2, 60], False)):
        box = np.array(box)
        assert still_shows(look_of(SCENE, box), SCENE, box) is expected

"""Draws face parameters: who, what expression, which pose cluster, and the six attributes at WFLW's shares."""

from dataclasses import replace

import numpy as np

from mmsepbn.datasets.pose_domain import DOMAINS, Domain
from mmsepbn.synthetic.parameters import Camera, Colour, Expression, FaceParameters, Identity, Light, MakeUp, Pose

SHARES = {'expression': 0.13, 'illumination': 0.28, 'makeup': 0.08, 'occlusion': 0.29, 'blur': 0.31}
"""Shares of WFLW's test set; 'pose' follows from the yaw distribution (about 0.13)."""

LARGE_YAW = 45.0
OCCLUDERS = ('hand', 'scarf', 'sunglasses', 'strand', 'object')
HAIR_STYLES = ('bald', 'short', 'swept', 'fringe', 'long', 'long_fringe', 'curly')

_SKINS_RGB = ((255, 226, 205), (243, 204, 174), (228, 180, 140), (202, 146, 104), (156, 102, 66), (108, 70, 47))
_HAIRS_RGB = ((28, 24, 24), (58, 38, 28), (94, 62, 38), (134, 92, 52), (196, 152, 92), (150, 66, 34), (150, 150, 152))
_IRISES_RGB = ((66, 42, 26), (98, 66, 34), (92, 104, 52), (64, 108, 150), (104, 124, 136))
_DARK_SKIN = 135.0
_BRIGHT_RGB = (
    (40, 60, 110),
    (120, 40, 50),
    (50, 100, 70),
    (210, 205, 195),
    (50, 50, 56),
    (190, 140, 60),
    (90, 70, 120),
)


def sample_parameters(rng: np.random.Generator) -> FaceParameters:
    """Parameters of one face, tags included."""
    tags = {tag for tag, share in SHARES.items() if rng.random() < share}
    domain = DOMAINS[rng.choice(len(DOMAINS), p=(0.5, 0.25, 0.25))]
    pose = _pose(rng, domain)
    if abs(pose.yaw) >= LARGE_YAW:
        tags.add('pose')
    identity = _identity(rng)
    if 'makeup' in tags:
        identity = replace(identity, beard=0.0)
    occluders = [name for name in OCCLUDERS if name != 'strand' or identity.hair_style != 'bald']
    return FaceParameters(
        identity=identity,
        expression=_strong_expression(rng) if 'expression' in tags else _mild_expression(rng),
        pose=pose,
        light=_harsh_light(rng) if 'illumination' in tags else _soft_light(rng),
        make_up=_make_up(rng) if 'makeup' in tags else MakeUp(),
        camera=_camera(rng, blurred='blur' in tags),
        occluder=str(rng.choice(occluders)) if 'occlusion' in tags else None,
        domain=domain,
        tags=frozenset(tags),
    )


def _pose(rng: np.random.Generator, domain: Domain) -> Pose:
    turn = 20.5 + 44.0 * rng.beta(1.0, 1.55)
    yaw = {'frontal': rng.uniform(-18.0, 18.0), 'left': turn, 'right': -turn}[domain]
    return Pose(
        yaw=float(yaw),
        pitch=float(np.clip(rng.normal(0.0, 9.0), -24.0, 24.0)),
        roll=float(np.clip(rng.normal(0.0, 9.0), -30.0, 30.0)),
        distance=float(rng.uniform(7.0, 16.0)),
        box_share=float(rng.uniform(0.53, 0.63)),
        shift=(float(rng.uniform(-0.05, 0.05)), float(rng.uniform(0.02, 0.09))),
    )


def _identity(rng: np.random.Generator) -> Identity:
    skin = _between(rng, _SKINS_RGB, 8.0)
    dark = np.mean(skin) < _DARK_SKIN and rng.random() < 0.85
    hair = _one_of(rng, _HAIRS_RGB[:2] if dark else _HAIRS_RGB, 8.0)
    female = rng.random() < 0.5
    styles = {True: (0.01, 0.12, 0.14, 0.13, 0.28, 0.22, 0.10), False: (0.08, 0.36, 0.28, 0.12, 0.05, 0.01, 0.10)}
    lip = np.array(skin) * (0.66, 0.60, 0.86) + np.array((14.0, 6.0, 12.0))

    def about(spread: float, mean: float = 1.0) -> float:
        return float(mean + spread * np.clip(rng.normal(), -2.0, 2.0))

    return Identity(
        face_width=about(0.045),
        jaw_width=about(0.07, 0.96 if female else 1.04),
        chin=about(0.05, 1.13),
        chin_shape=about(0.25, 2.5),
        cheeks=about(0.4),
        eye_distance=about(0.022, 0.325),
        eye_width=about(0.014, 0.335),
        eye_height=about(0.014, 0.145 if female else 0.13),
        eye_tilt=about(0.014, 0.012),
        brow_height=about(0.022, 0.215 if female else 0.195),
        brow_thickness=about(0.011, 0.062 if female else 0.078),
        brow_arch=about(0.016, 0.06 if female else 0.045),
        nose_length=about(0.032, 0.46),
        nose_width=about(0.022, 0.175 if female else 0.19),
        nose_height=about(0.032, 0.25),
        nose_hook=about(0.35, 0.0),
        mouth_width=about(0.026, 0.265),
        mouth_height=about(0.02, 0.46),
        upper_lip=about(0.014, 0.078 if female else 0.064),
        lower_lip=about(0.016, 0.098 if female else 0.084),
        age=float(np.clip(rng.beta(1.3, 2.2), 0.0, 1.0)),
        freckles=float(rng.uniform(0.4, 1.0)) if rng.random() < 0.15 else 0.0,
        beard=float(rng.uniform(0.25, 1.0)) if not female and rng.random() < 0.45 else 0.0,
        skin=skin,
        lip=tuple(lip.tolist()),
        iris=_one_of(rng, _IRISES_RGB[:2] if dark else _IRISES_RGB, 8.0),
        hair=hair,
        brow=tuple(np.minimum(np.array(hair) * rng.uniform(0.5, 0.75), 0.6 * np.array(skin)).tolist()),
        cloth=_one_of(rng, _BRIGHT_RGB, 25.0),
        hair_style=str(rng.choice(HAIR_STYLES, p=styles[female])),
        hair_volume=float(rng.uniform(0.06, 0.17)),
        hairline=about(0.05, -0.66),
        hair_parting=float(rng.uniform(-0.5, 0.5)),
        hair_length=float(rng.uniform(0.8, 2.1)),
    )


def _mild_expression(rng: np.random.Generator) -> Expression:
    lids = rng.uniform(0.78, 1.08)
    return Expression(
        smile=float(rng.uniform(-0.25, 0.55)),
        mouth_open=float(max(rng.uniform(-0.5, 0.22), 0.0)),
        brow_raise=float(rng.uniform(0.0, 0.25)),
        frown=float(max(rng.uniform(-0.6, 0.4), 0.0)),
        left_eye=float(lids),
        right_eye=float(lids * rng.uniform(0.95, 1.0)),
        gaze=_gaze(rng),
    )


def _strong_expression(rng: np.random.Generator) -> Expression:
    kind = rng.choice(('scream', 'grin', 'closed', 'surprise', 'wink'))
    one, other = (0.0, float(rng.uniform(0.85, 1.0)))[:: int(rng.choice((-1, 1)))]
    high, gaze = float(rng.uniform(0.75, 1.0)), _gaze(rng)
    return {
        'scream': Expression(mouth_open=high, frown=0.8, left_eye=0.6, right_eye=0.6, gaze=gaze),
        'grin': Expression(smile=high, mouth_open=0.35 * high, left_eye=0.72, right_eye=0.72, gaze=gaze),
        'closed': Expression(smile=0.5 * high - 0.3, left_eye=0.0, right_eye=0.0),
        'surprise': Expression(mouth_open=0.7 * high, brow_raise=high, left_eye=1.25, right_eye=1.25, gaze=gaze),
        'wink': Expression(smile=high, left_eye=one, right_eye=other, brow_raise=0.3, gaze=gaze),
    }[str(kind)]


def _gaze(rng: np.random.Generator) -> tuple[float, float]:
    x, y = np.clip(rng.normal(0.0, 0.35, 2), -0.9, 0.9)
    return float(x), float(y)


def _soft_light(rng: np.random.Generator) -> Light:
    ambient = rng.uniform(0.5, 0.66)
    return Light(
        direction=(float(rng.uniform(-0.7, 0.7)), float(rng.uniform(-0.9, -0.1)), 1.0),
        ambient=float(ambient),
        strength=float(1.14 - ambient),
        gloss=float(rng.uniform(0.03, 0.12)),
        tint=_tint(rng, 0.04),
        exposure=float(rng.uniform(0.88, 1.08)),
    )


def _harsh_light(rng: np.random.Generator) -> Light:
    kind = rng.choice(('side', 'dark', 'over', 'coloured'))
    side = float(rng.choice((-1.0, 1.0)))
    tint, wild = _tint(rng, 0.05), _tint(rng, 0.22)
    return {
        'side': Light((side * 1.6, -0.25, 0.45), 0.14, 0.98, 0.12, tint),
        'dark': Light((side * 0.5, -0.6, 1.0), 0.42, 0.55, 0.05, tint, exposure=float(rng.uniform(0.28, 0.42))),
        'over': Light((side * 0.4, -0.4, 1.0), 0.66, 0.5, 0.2, tint, exposure=float(rng.uniform(1.25, 1.45))),
        'coloured': Light((side * 0.9, 0.3, 0.8), 0.32, 0.75, 0.1, wild),
    }[str(kind)]


def _make_up(rng: np.random.Generator) -> MakeUp:
    return MakeUp(
        lips=float(rng.uniform(0.75, 1.0)),
        lids=float(rng.uniform(0.5, 0.9)),
        cheeks=float(rng.uniform(0.4, 0.8)),
        lip_colour=_one_of(rng, ((196, 24, 48), (150, 20, 60), (224, 60, 110), (110, 20, 40)), 8.0),
        lid_colour=_one_of(rng, ((110, 50, 140), (50, 80, 150), (70, 50, 50), (40, 120, 110)), 10.0),
    )


def _camera(rng: np.random.Generator, *, blurred: bool) -> Camera:
    noise, angle = float(rng.uniform(0.8, 4.0)), float(rng.uniform(0.0, 180.0))
    if not blurred:
        return Camera(noise=noise)
    if rng.random() < 0.5:
        return Camera('gaussian', float(rng.uniform(0.006, 0.013)), angle, noise)
    return Camera('motion', float(rng.uniform(0.025, 0.055)), angle, noise)


def _tint(rng: np.random.Generator, spread: float) -> Colour:
    blue, green, red = 1.0 + rng.uniform(-spread, spread, 3)
    return float(blue), float(green), float(red)


def _one_of(rng: np.random.Generator, rgbs: tuple[tuple[int, int, int], ...], jitter: float) -> Colour:
    return _bgr(_jittered(rng, np.array(rgbs[rng.integers(len(rgbs))]), jitter))


def _between(rng: np.random.Generator, rgbs: tuple[tuple[int, int, int], ...], jitter: float) -> Colour:
    place = rng.uniform(0.0, len(rgbs) - 1.001)
    low, part = int(place), place % 1.0
    mixed = np.array(rgbs[low]) * (1.0 - part) + np.array(rgbs[low + 1]) * part
    return _bgr(_jittered(rng, mixed, jitter))


def _jittered(rng: np.random.Generator, rgb: np.ndarray, jitter: float) -> np.ndarray:
    """Brightness moves by up to ``jitter``, hue by little, so that skin stays skin."""
    return rgb + rng.uniform(-jitter, jitter) + rng.uniform(-0.025, 0.025, 3) * rgb


def _bgr(rgb: np.ndarray) -> Colour:
    red, green, blue = np.clip(rgb, 0.0, 255.0).tolist()
    return blue, green, red

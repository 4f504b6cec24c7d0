"""What a drawn face is made of: frozen parameter records, all lengths in decimetres on the head."""

from dataclasses import dataclass

from mmsepbn.datasets.pose_domain import Domain

Colour = tuple[float, float, float]
"""Blue, green, red, each 0 to 255."""


@dataclass(frozen=True)
class Identity:
    """The person. Lengths in decimetres, ratios about 1, amounts 0 to 1."""

    face_width: float
    jaw_width: float
    chin: float
    chin_shape: float
    cheeks: float
    eye_distance: float
    eye_width: float
    eye_height: float
    eye_tilt: float
    brow_height: float
    brow_thickness: float
    brow_arch: float
    nose_length: float
    nose_width: float
    nose_height: float
    nose_hook: float
    mouth_width: float
    mouth_height: float
    upper_lip: float
    lower_lip: float
    age: float
    freckles: float
    beard: float
    skin: Colour
    lip: Colour
    iris: Colour
    hair: Colour
    brow: Colour
    cloth: Colour
    hair_style: str
    hair_volume: float
    hairline: float
    hair_parting: float
    hair_length: float


@dataclass(frozen=True)
class Expression:
    """What the face does. 0 is at rest; ``smile`` -1 to 1, ``mouth_open`` and ``brow_raise`` 0 to 1.

    ``left_eye`` and ``right_eye`` are lid openings: 1 open, 0 shut. ``gaze`` is x, y, each about -1 to 1.
    """

    smile: float = 0.0
    mouth_open: float = 0.0
    brow_raise: float = 0.0
    frown: float = 0.0
    left_eye: float = 1.0
    right_eye: float = 1.0
    gaze: tuple[float, float] = (0.0, 0.0)


@dataclass(frozen=True)
class Pose:
    """Angles in degrees: ``yaw`` > 0 turns to image-left, ``pitch`` > 0 looks up, ``roll`` > 0 is clockwise.

    ``distance`` of the camera in decimetres, ``box_share`` of the face box in the image side, ``shift`` of the box
    centre from the image centre in image sides.
    """

    yaw: float
    pitch: float
    roll: float
    distance: float
    box_share: float
    shift: tuple[float, float]


@dataclass(frozen=True)
class Light:
    """``direction`` points to the lamp (x right, y down, z to the viewer); ``ambient``, ``strength`` scale colour."""

    direction: tuple[float, float, float]
    ambient: float
    strength: float
    gloss: float
    tint: Colour
    exposure: float = 1.0


@dataclass(frozen=True)
class MakeUp:
    """Strengths 0 to 1 of the three places and their colours."""

    lips: float = 0.0
    lids: float = 0.0
    cheeks: float = 0.0
    lip_colour: Colour = (60.0, 30.0, 190.0)
    lid_colour: Colour = (150.0, 60.0, 110.0)


@dataclass(frozen=True)
class Camera:
    """Faults of the image: ``blur`` kind and size in image sides, sensor ``noise`` in grey levels."""

    blur: str | None = None
    blur_size: float = 0.0
    blur_angle: float = 0.0
    noise: float = 2.0


@dataclass(frozen=True)
class FaceParameters:
    """Everything one drawing needs beside its random generator."""

    identity: Identity
    expression: Expression
    pose: Pose
    light: Light
    make_up: MakeUp
    camera: Camera
    occluder: str | None
    domain: Domain
    tags: frozenset[str]

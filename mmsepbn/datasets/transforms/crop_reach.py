"""The part of an image that the crops of a face can show, over all augmentations."""

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class CropReach:
    """Lengths in units of the longer side of the face's box.

    Attributes:
        across: how far crops reach to the left and to the right of the box's centre.
        along: how far they reach up and down from it.
        pixels: pixels of a crop that is not augmented to that side.
        finest: pixels of a crop to that side where augmentation magnifies most.
    """

    across: float
    along: float
    pixels: float
    finest: float

    def __or__(self, other: 'CropReach') -> 'CropReach':
        """The reach that covers both."""
        return CropReach(*map(max, self.values(), other.values()))

    def values(self) -> tuple[float, float, float, float]:
        """The attributes in their order."""
        return self.across, self.along, self.pixels, self.finest


def crop_reach(
    input_size: tuple[int, int],
    padding: float,
    rotation: float = 0.0,
    shear: float = 0.0,
    corner_jitter: float = 0.0,
    antialias: bool = False,
) -> CropReach:
    """The reach of :func:`crop_matrix` over all augmentations up to the given ones, which FaceCrop explains.

    Crop corners lie at most ``0.5 + corner_jitter`` sides from the centre, either way. Turned back by an angle up to
    ``rotation`` a corner lies in the direction t of |t - 45| <= rotation, at the distance d: |y| = d sin t, and, as
    shear adds up to ``shear`` |y| to it, |x| = d (cos t + shear sin t). Their maxima are at t = 90 and t = atan(shear).
    A crop of a box that jitter has made small magnifies most, by the larger singular value of the shear.

    With ``antialias`` a pixel is interpolated between means of areas that reach up to one and a half of their sides
    beyond it. Such a side is at most a crop pixel where jitter has made the box large; two of them are added.
    """
    distance = (0.5 + corner_jitter) * math.sqrt(2) * padding
    low, high = math.radians(45 - rotation), math.radians(45 + rotation)
    steepest = min(high, math.pi / 2)
    widest = min(max(math.atan(shear), low), high)
    pixels = max(input_size) / padding
    stretch = (shear + math.hypot(shear, 2)) / 2
    margin = 2 * (1 + 2 * corner_jitter) / pixels if antialias else 0.0
    return CropReach(
        across=distance * (math.cos(widest) + shear * math.sin(widest)) + margin,
        along=distance * math.sin(steepest) + margin,
        pixels=pixels,
        finest=pixels * stretch / (1 - 2 * corner_jitter),
    )

"""From the disagreement of passes to a confidence: a curve fitted on validation faces."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_NONE = 1e-6  # of the side; below float32's resolution


@dataclass(frozen=True)
class Calibration:
    """The share of validation faces that was right at a disagreement, as a logistic curve.

    Attributes:
        half: the disagreement at which one face in two is right, as a fraction of the box's side.
        slope: how steeply the share falls, above 0.
        tolerance: what counts as right: an NME of at most this fraction.
    """

    half: float
    slope: float
    tolerance: float

    def __post_init__(self) -> None:
        """Refuse what is no curve."""
        for name, value in vars(self).items():
            if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < np.inf:
                raise ValueError(f'Calibration({name}=) must be a number above 0. Got {value!r}.')

    def __call__(self, disagreements: NDArray[np.floating]) -> NDArray[np.float64]:
        """Confidence of each face, 0 to 1: disagreements (N,) -> (N,)."""
        depth = self.slope * np.log(np.maximum(disagreements, _NONE) / self.half)
        return 1 / (1 + np.exp(np.clip(depth, -500, 500)))


def calibrate(disagreements: NDArray[np.floating], errors: NDArray[np.floating], tolerance: float) -> Calibration:
    """The maximum-likelihood curve (Platt's method, on the logarithm of the disagreement).

    Args:
        disagreements: (N,) of validation faces, see :func:`disagreement`.
        errors: (N,) their NME as fractions.
        tolerance: what counts as right.

    Raises:
        ValueError: these faces do not show a share of right faces that falls with disagreement.
    """
    right = np.asarray(errors) <= tolerance
    wrong = len(right) - right.sum()
    if not 0 < wrong < len(right):
        raise ValueError(
            f'calibrate(tolerance=) must lie among the errors of the faces. Got {tolerance:g}, but '
            f'{"none" if wrong else "each"} of the {len(right)} validation faces has an NME of at most '
            f'{100 * tolerance:g} %, so no confidence can be fitted.'
        )
    from scipy.optimize import minimize  # predicting does without SciPy

    # Platt's targets, which keep the curve finite where right and wrong do not overlap.
    target = np.where(right, 1 - 1 / (right.sum() + 2), 1 / (wrong + 2))
    depth = np.log(np.maximum(disagreements, _NONE))
    middle = depth.mean()

    def surprise(weights: NDArray[np.float64]) -> float:
        logits = weights[0] - weights[1] * (depth - middle)
        return float(np.logaddexp(0, logits).sum() - target @ logits)

    offset, slope = minimize(surprise, np.array([0.0, 1.0])).x
    if not slope > 0:
        raise ValueError(f'Passes must disagree more where errors are larger. Here they do not: slope {slope:.3g}.')
    return Calibration(float(np.exp(middle + offset / slope)), float(slope), tolerance)

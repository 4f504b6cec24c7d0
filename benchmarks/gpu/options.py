"""What a check is told."""

from dataclasses import dataclass
from pathlib import Path

import torch


@dataclass(frozen=True)
class Options:
    """Options of every part.

    Attributes:
        device: where the networks are.
        quick: the smallest sizes, to try the check itself.
        faces: folder in 300W's layout.
        out: folder of what is written.
    """

    device: torch.device
    quick: bool
    faces: Path
    out: Path

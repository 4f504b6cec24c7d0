"""Whether the targets of a pipeline are those that a head learns: MMPose takes any, and trains on."""

import inspect
from typing import Any

import numpy as np
from mmpose.codecs.base import BaseKeypointCodec
from mmpose.datasets.transforms import GenerateTarget
from torch import nn

from mmsepbn.datasets.face_dataset import FaceDataset


def codec_problem(dataset: FaceDataset, head: nn.Module | None) -> str | None:
    """Why the codec of a set's targets is not that of its head; None if it is, or either has none.

    Codecs agree where one's class is the other's or derived from it, their ``input_size`` is the same, and so are the
    targets that they make of a face: what only decoding reads may differ. Of several encoders, such as those of the
    stages of a network, one must be the decoder.

    Args:
        dataset: its pipeline makes the targets.
        head: of the network; of one with branches, the set's is compared.
    """
    branches: Any = getattr(head, 'branches', {})
    decoder = getattr(branches[name] if (name := dataset.PROTOCOL.name) in branches else head, 'decoder', None)
    if not isinstance(decoder, BaseKeypointCodec):
        return None
    for transform in getattr(dataset.pipeline, 'transforms', ()):
        if not isinstance(transform, GenerateTarget):
            continue
        encoders = transform.encoder if isinstance(transform.encoder, list) else [transform.encoder]
        if not any(_agree(encoder, decoder, dataset.PROTOCOL.num_landmarks) for encoder in encoders):
            shown = next((names for encoder in encoders if (names := _differing(encoder, decoder))), [])
            return (
                f"GenerateTarget(encoder=) of {type(dataset).__name__} must be the codec of the head's decoder, "
                f'{_written(decoder, shown)}. Got {", ".join(_written(each, shown) for each in encoders)}'
                f'{"" if shown else ", which makes other targets"}.'
            )
    return None


def _agree(one: BaseKeypointCodec, other: BaseKeypointCodec, landmarks: int) -> bool:
    differing = _differing(one, other)
    if not _of_one_kind(one, other) or 'input_size' in differing:
        return False
    if one.auxiliary_encode_keys or other.auxiliary_encode_keys:  # they need more than landmarks
        return not differing
    targets, others = (_encoded(codec, landmarks) for codec in (one, other))
    return targets.keys() == others.keys() and all(np.array_equal(targets[name], others[name]) for name in targets)


def _encoded(codec: BaseKeypointCodec, landmarks: int) -> dict[str, Any]:
    """The targets of a face whose landmarks are within any crop, on a line, most of them between pixels."""
    line = np.linspace((2.3, 3.1), (20.2, 14.7), landmarks, dtype=np.float32)
    return codec.encode(keypoints=line[None], keypoints_visible=np.ones((1, landmarks), np.float32))


def _of_one_kind(one: BaseKeypointCodec, other: BaseKeypointCodec) -> bool:
    return isinstance(one, type(other)) or isinstance(other, type(one))


def _differing(one: BaseKeypointCodec, other: BaseKeypointCodec) -> list[str]:
    """Names of the arguments of two codecs of one kind that have different values."""
    if not _of_one_kind(one, other):
        return []
    both = (name for name in inspect.signature(type(one)).parameters if hasattr(one, name) and hasattr(other, name))
    return [name for name in both if _plain(getattr(one, name)) != _plain(getattr(other, name))]


def _plain(value: Any) -> Any:
    """Arrays and tuples as lists, which compare as one."""
    if isinstance(value, np.ndarray | np.generic):
        return value.tolist()
    return [_plain(part) for part in value] if isinstance(value, list | tuple) else value


def _written(codec: BaseKeypointCodec, names: list[str]) -> str:
    settings = ', '.join(f'{name}={_plain(getattr(codec, name, None))}' for name in names)
    return type(codec).__name__ + (f'({settings})' if settings else '')

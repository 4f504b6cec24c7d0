"""A protocol as MMPose's dataset metainfo, which its visualizer, inferencer and transforms read."""

from typing import Any

from mmsepbn.protocols import Part, Protocol

# RGB, by side, as in MMPose's own data sets; outputs/draw.py colours by part.
_COLORS = {'left': (0, 200, 0), 'right': (255, 128, 0), '': (51, 153, 255)}


def pose_metainfo(protocol: Protocol) -> dict[str, Any]:
    """What MMPose's data sets state as ``METAINFO``: name, landmarks, flips and skeleton; weights and sigmas are 1."""
    flip = protocol.flip_indices
    colors = {index: _color(part) for part in protocol.parts for index in part.indices}
    keypoints = {}
    for index in range(protocol.num_landmarks):
        swap = f'kpt-{flip[index]}' if flip[index] != index else ''
        keypoints[index] = dict(name=f'kpt-{index}', id=index, color=colors.get(index, _COLORS['']), type='', swap=swap)
    links = [(a, b, _color(part)) for part in protocol.parts for a, b in part.links]
    return dict(
        dataset_name=protocol.name,
        keypoint_info=keypoints,
        skeleton_info={
            i: dict(link=(f'kpt-{a}', f'kpt-{b}'), id=i, color=color) for i, (a, b, color) in enumerate(links)
        },
        joint_weights=[1.0] * protocol.num_landmarks,
        sigmas=[1.0] * protocol.num_landmarks,
    )


def _color(part: Part) -> tuple[int, int, int]:
    return _COLORS.get(part.name.split('_')[0], _COLORS[''])

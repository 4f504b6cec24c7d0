"""Stage 2 of Cross-protocol Network Training that keeps all branches of stage 1."""

import copy
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from mmengine.structures import InstanceData, PixelData
from mmpose.codecs.base import BaseKeypointCodec
from mmpose.datasets.transforms import PackPoseInputs
from mmpose.models.pose_estimators import TopdownPoseEstimator
from mmpose.structures import PoseDataSample
from mmpose.utils.typing import SampleList
from numpy.typing import NDArray
from torch import Tensor

from mmsepbn.checkpoints.branches import branch_names
from mmsepbn.checkpoints.file import CheckpointError
from mmsepbn.listing import shortened
from mmsepbn.models.heads.multi_protocol_head import (
    MultiProtocolHead,
    instances_of,
    protocol_meta,
    take_rows,
    weighted,
)
from mmsepbn.models.send import send
from mmsepbn.registry import MODELS


@MODELS.register_module()
class ReplayEstimator(TopdownPoseEstimator):
    """A top-down estimator whose faces also train the branches of protocols that they are not annotated in.

    Their targets there are the landmarks that a teacher finds on the same crop: the network as stage 1 left it, frozen
    (Li and Hoiem, Learning without Forgetting, ECCV 2016). The loss of a face is that of its own branch, plus
    ``replay_weight`` times that of each other branch the teacher has; logged as ``replay_loss_kpt/wflw``. Branches may
    be any head with one codec, as in :class:`MultiProtocolHead`.

    :class:`ReplayHook` sets the teacher from the checkpoint that the training starts from. It is not part of the
    network: it is not among the parameters or in checkpoints, and is not used for prediction.

    Args:
        replay_weight: at least 0; 1 counts the teacher's landmarks like annotated ones.
        *args: as for MMPose's TopdownPoseEstimator.
        **kwargs: likewise; the head must be a MultiProtocolHead.

    Raises:
        ValueError: another head or a weight below 0; in use, there is no teacher.
    """

    def __init__(self, *args: Any, replay_weight: float = 1.0, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not isinstance(self.head, MultiProtocolHead):
            raise ValueError(f'ReplayEstimator(head=) must be a MultiProtocolHead. Got {type(self.head).__name__}.')
        if not 0 <= replay_weight < np.inf:
            raise ValueError(f'ReplayEstimator(replay_weight=) must be a number of at least 0. Got {replay_weight}.')
        self.replay_weight = replay_weight
        self._teacher: tuple[ReplayEstimator, ...] = ()  # in a tuple torch does not see it

    @property
    def teacher(self) -> 'ReplayEstimator | None':
        """The frozen network, with the branches that stage 1 had; None before :meth:`set_teacher`."""
        return self._teacher[0] if self._teacher else None

    def set_teacher(self, state: Mapping[str, Tensor]) -> None:
        """Set the teacher to the network with these weights, which may lack branches.

        Raises:
            CheckpointError: other tensors are missing, or left over, or of another shape.
        """
        self._teacher = ()
        teacher = copy.deepcopy(self)
        for module in teacher.modules():
            vars(module).pop('forward', None)  # set by activation_checkpointing: the copy's still calls the original
        for name in set(teacher.head.branches) - set(branch_names(state)):
            del teacher.head.branches[name]
        if wrong := sorted(teacher.state_dict().keys() ^ state.keys()):
            raise CheckpointError(
                f'ReplayEstimator learns from a checkpoint of the same network. {len(wrong)} tensors are only in one '
                f'of the two:\n  {shortened(wrong)}'
            )
        try:
            teacher.load_state_dict(state)
        except RuntimeError as error:  # shapes
            raise CheckpointError(f'ReplayEstimator learns from a checkpoint of the same network. {error}') from None
        self._teacher = (teacher.requires_grad_(False).eval(),)

    def loss(self, inputs: Tensor, data_samples: SampleList) -> dict[str, Tensor]:
        """Losses of the annotated landmarks, then of the teacher's."""
        if self.teacher is None:
            raise ValueError(
                'ReplayEstimator has no teacher. Name the checkpoint of stage 1 in load_from, and add '
                "dict(type='mmsepbn.ReplayHook') to custom_hooks."
            )
        feats = self.extract_feat(inputs)
        losses: dict[str, Tensor] = dict(self.head.loss(feats, data_samples, train_cfg=self.train_cfg))
        rows, labelled = self._replayed(inputs, data_samples)
        if rows:
            replayed = self.head.loss(take_rows(feats, rows), labelled, train_cfg=self.train_cfg)
            weight = self.replay_weight * len(rows) / len(data_samples)  # the head takes the mean over its faces
            losses |= {f'replay_{key}': value for key, value in weighted(replayed, weight).items()}
        return losses

    @torch.no_grad()
    def _replayed(self, inputs: Tensor, samples: SampleList) -> tuple[list[int], SampleList]:
        """A row of the batch for each face and protocol that it lacks, and the sample with the teacher's landmarks."""
        teacher = self._teacher[0].to(inputs.device)
        names = self.head.names(samples)
        lacking = [(row, name) for name in teacher.head.branches for row, its in enumerate(names) if its != name]
        rows = [row for row, _ in lacking]
        if not rows:
            return [], []
        asked = [_in_protocol(samples[row], name) for row, name in lacking]
        found = instances_of(teacher.head.predict(take_rows(teacher.extract_feat(inputs), rows), asked, test_cfg={}))
        for name in dict.fromkeys(name for _, name in lacking):
            own = [place for place, (_, its) in enumerate(lacking) if its == name]
            landmarks = [found[place].keypoints for place in own]
            label([asked[place] for place in own], landmarks, self.head.branches[name].decoder, inputs.device)
        return rows, asked


def _in_protocol(sample: PoseDataSample, name: str) -> PoseDataSample:
    """The sample without its annotations, as a face of another protocol."""
    face = PoseDataSample()
    for key, value in {**dict(sample.metainfo_items()), **protocol_meta(name)}.items():
        face.set_field(value, key, field_type='metainfo')  # its constructor would copy each value
    return face


def label(
    samples: SampleList, landmarks: Sequence[NDArray[np.floating]], codec: BaseKeypointCodec, device: torch.device
) -> None:
    """Give samples the targets that a codec makes of their landmarks (1, L, 2) in crop pixels, as a pipeline would."""
    others = dict.fromkeys(codec.auxiliary_encode_keys)
    visible = np.ones(landmarks[0].shape[:2], np.float32)
    encoded = [codec.encode(keypoints=each, keypoints_visible=visible, **others) for each in landmarks]
    labels = _packed(encoded, codec.label_mapping_table or PackPoseInputs.label_mapping_table, device)
    fields = _packed(encoded, codec.field_mapping_table or PackPoseInputs.field_mapping_table, device)
    for row, sample in enumerate(samples):
        sample.gt_instance_labels = InstanceData(**{key: values[row] for key, values in labels.items()})
        if fields:
            sample.gt_fields = PixelData(**{key: values[row] for key, values in fields.items()})


def _packed(
    encoded: Sequence[Mapping[str, NDArray[np.generic]]], table: Mapping[str, str], device: torch.device
) -> dict[str, Tensor]:
    """What a codec made of each face, of all faces as one tensor, which is moved once; by the names in a sample."""
    return {
        packed: send(torch.from_numpy(np.stack([each[key] for each in encoded])), device)
        for key, packed in table.items()
        if key in encoded[0]
    }

"""One branch per landmark protocol on a shared backbone."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from mmengine.structures import InstanceData, PixelData
from mmpose.models.heads.base_head import BaseHead
from mmpose.utils.typing import Features, OptConfigType, Predictions, SampleList
from torch import Tensor, nn
from torch.utils._pytree import tree_flatten, tree_map

from mmsepbn.models.heads.feature_maps import require_maps
from mmsepbn.models.heads.full_precision import full_precision
from mmsepbn.models.send import send
from mmsepbn.protocols import get_protocol
from mmsepbn.registry import MODELS


@MODELS.register_module()
class MultiProtocolHead(BaseHead):
    """The branches of Cross-protocol Network Training (paper Sec. IV, Fig. 5): a face uses only its own branch.

    A sample's meta key ``protocol`` names its branch; with a single branch, samples may lack it. A branch is any
    MMPose head; the pipeline of its data set makes the targets it needs. Losses are means over the branch's faces,
    named ``loss_kpt/wflw``, and are weighted by the branch's share of the batch, so fully annotated faces have the same
    weight, whatever their protocol. Where the loss has ``use_target_weight``, a landmark without annotation counts as
    an error of zero, so a face that lacks some weighs less. A branch without faces in the batch contributes zero,
    because DDP waits for the gradients of all parameters. Branches, losses and decoding are computed in the dtype of
    their weights, so in float32 also under AMP.

    Args:
        protocols: names of the branches.
        branch: config of every branch, without its number of landmarks.
        landmarks_key: argument of the branch's class that takes the number of landmarks; MMPose's heads call it
            ``num_joints`` or ``out_channels``.
        branches: whole configs of single branches instead.

    Raises:
        ValueError: protocols that are unknown or named twice, or a branch without a config; in use, a face whose
            protocol has no branch, a branch that returns no loss, or a backbone that returns no tuple of maps.
    """

    def __init__(
        self,
        protocols: Sequence[str],
        branch: dict[str, Any] | None = None,
        landmarks_key: str = 'num_landmarks',
        branches: Mapping[str, dict[str, Any]] | None = None,
        init_cfg: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(init_cfg)
        if not protocols:
            raise ValueError('MultiProtocolHead(protocols=) must name at least one protocol. Got none.')
        if len(set(protocols)) < len(protocols):
            raise ValueError(f'MultiProtocolHead(protocols=) must name each protocol once. Got {list(protocols)}.')
        single = dict(branches or {})
        if extra := sorted(set(single) - set(protocols)):
            raise ValueError(f'MultiProtocolHead(branches=) must be among protocols={list(protocols)}. Got {extra}.')
        if branch is None and (missing := sorted(set(protocols) - set(single))):
            raise ValueError(f'MultiProtocolHead(branch=) is needed for {missing}. Got None.')
        self.branches = nn.ModuleDict()
        for name in protocols:
            counted = {**(branch or {}), landmarks_key: get_protocol(name).num_landmarks}
            self.branches[name] = MODELS.build(single.get(name, counted))

    def init_weights(self) -> None:
        """Each branch initializes itself."""
        for name in self.branches:
            self._branch(name).init_weights()
        super().init_weights()

    def forward(self, feats: Features) -> dict[str, Any]:
        """Every branch's output for all faces, by protocol."""
        require_maps(feats)
        outputs = {}
        for name, head in self.branches.items():
            with full_precision(head, feats) as full:
                outputs[name] = head(full)
        return outputs

    def loss(
        self, feats: Features, batch_data_samples: SampleList, train_cfg: OptConfigType = None
    ) -> dict[str, Tensor]:
        """Losses and other logged values of each branch that has faces in the batch."""
        require_maps(feats)
        losses: dict[str, Tensor] = {}
        rows_of = self._rows(batch_data_samples)
        for name, rows in rows_of.items():
            samples = [batch_data_samples[row] for row in rows]
            share = len(rows) / len(batch_data_samples)
            with full_precision(self._branch(name), take_rows(feats, rows)) as chosen:
                values = self._branch(name).loss(chosen, samples, train_cfg=train_cfg or {})
            if not any('loss' in key for key in values):
                raise ValueError(
                    "MultiProtocolHead(branch=) must return a loss, under a key with 'loss' in it. "
                    f'Got {sorted(values)} from the branch {name!r}, a {type(self._branch(name)).__name__}.'
                )
            losses |= {f'{key}/{name}': value for key, value in weighted(values, share).items()}
        idle = [head for name, head in self.branches.items() if name not in rows_of]
        first = next(key for key in losses if 'loss' in key)
        losses[first] = losses[first] + 0.0 * sum(p.sum() for head in idle for p in head.parameters())
        return losses

    def predict(self, feats: Features, batch_data_samples: SampleList, test_cfg: OptConfigType = None) -> Predictions:
        """Each face's prediction by its branch, in the order of the batch. Flip test uses the protocol's own pairs."""
        instances: list[InstanceData | None] = [None] * len(batch_data_samples)
        fields: list[PixelData | None] = [None] * len(batch_data_samples)
        for name, rows in self._rows(batch_data_samples).items():
            samples = [batch_data_samples[row] for row in rows]
            with full_precision(self._branch(name), take_rows(feats, rows)) as full:
                found = self._branch(name).predict(full, samples, test_cfg=test_cfg or {})
            found, maps = found if isinstance(found, tuple) else (found, [None] * len(rows))
            for row, instance, field in zip(rows, found, maps, strict=True):
                instances[row], fields[row] = instance, field
        return (instances, fields) if all(field is not None for field in fields) else instances

    def _branch(self, name: str) -> BaseHead:
        return self.branches[name]

    def names(self, samples: SampleList) -> list[str]:
        """The branch of each face."""
        only = next(iter(self.branches)) if len(self.branches) == 1 else 'no protocol'
        return [sample.get('protocol', only) for sample in samples]  # metainfo would copy all of it

    def _rows(self, samples: SampleList) -> dict[str, list[int]]:
        """Rows of the batch that belong to each branch, in the order of the branches."""
        names = self.names(samples)
        if unknown := sorted(set(names) - set(self.branches)):
            raise ValueError(
                f'MultiProtocolHead has branches for {list(self.branches)}. Got faces of {unknown}. A face takes the '
                'branch that its meta key "protocol" names; without one, as in inference, use the config of one set, '
                'such as configs/sepbn_vanilla_wflw.py, which loads the same checkpoint and takes its branch.'
            )
        return {name: [row for row, n in enumerate(names) if n == name] for name in self.branches if name in names}


def weighted(losses: Mapping[str, Any], factor: float) -> dict[str, Any]:
    """Losses times a factor, of lists their sum, as MMEngine adds them; values under other keys as they are."""
    return {key: _total(value) * factor if 'loss' in key else value for key, value in losses.items()}


def _total(loss: Any) -> Any:
    return sum(part.mean() for part in loss) if isinstance(loss, list) else loss


def protocol_meta(name: str) -> dict[str, Any]:
    """Meta of a sample whose face is to go through the branch of a protocol."""
    return dict(protocol=name, flip_indices=list(get_protocol(name).flip_indices))


def instances_of(predictions: Predictions) -> list[InstanceData]:
    """The faces' landmarks in what a head predicts, which may come with heatmaps."""
    return predictions[0] if isinstance(predictions, tuple) else predictions


def take_rows(feats: Features, rows: list[int]) -> Features:
    """Some rows of a batch's feature maps, nested as they are; a row may be taken more than once."""
    first = tree_flatten(feats)[0][0]
    if rows == list(range(len(first))):
        return feats
    index = send(torch.tensor(rows), first.device)
    return tree_map(lambda feat: feat[index], feats)

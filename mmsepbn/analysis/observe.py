"""What a network computes inside on a test set: attention weights and features of every face."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from mmsepbn.models.norms import AttentiveNorm, SepBN

if TYPE_CHECKING:  # importing it needs the adapters of mmsepbn.registry
    from mmpose.models.pose_estimators.base import BasePoseEstimator


@dataclass(frozen=True)
class Observation:
    """N faces as a network saw them.

    Attributes:
        attention: layer -> (N, K, G) weights of the routes.
        features: (N, D), the last feature map, flattened; (N, 0) where it was not asked for.
        domains: head pose of each face, ``unknown`` if it cannot be computed from the landmarks.
        subsets: names of the test subsets of each face.
    """

    attention: dict[str, NDArray[np.float32]]
    features: NDArray[np.float32]
    domains: list[str]
    subsets: list[tuple[str, ...]]

    def groups(self) -> dict[str, NDArray[np.bool_]]:
        """Masks (N,): ``all``, then each domain, then each subset that has faces."""
        masks = {'all': np.ones(len(self.domains), bool)}
        for name in sorted(set(self.domains)):
            masks[name] = np.array([domain == name for domain in self.domains])
        return masks | {f'subset {name}': mask for name, mask in self.subset_masks().items()}

    def subset_masks(self) -> dict[str, NDArray[np.bool_]]:
        """Mask (N,) of each subset that has faces."""
        present = dict.fromkeys(name for names in self.subsets for name in names)
        return {name: np.array([name in names for names in self.subsets]) for name in present}


def attention_layers(model: nn.Module) -> dict[str, nn.Module]:
    """Layers that weigh several routes by attention, by name."""
    return {
        name: module
        for name, module in model.named_modules()
        if isinstance(module, SepBN | AttentiveNorm) and len(module.weight) > 1
    }


@torch.no_grad()
def observe(model: 'BasePoseEstimator', batches: Iterable[dict[str, Any]], with_features: bool = True) -> Observation:
    """Run an estimator in evaluation mode over batches of a data loader and keep what it computes inside.

    Args:
        model: the estimator.
        batches: of a test set, as returned by its data loader.
        with_features: also keep the features, which take far more memory than the attention.

    Raises:
        ValueError: there is nothing to keep, as the network has no attention.
    """
    model.eval()
    layers = attention_layers(model)
    if not with_features:
        require_attention(layers)
    attention: dict[str, list[NDArray[np.float32]]] = {name: [] for name in layers}
    features, domains, subsets = [], [], []
    handles = [layer.register_forward_hook(_attention_hook(attention[name])) for name, layer in layers.items()]
    try:
        for batch in batches:
            data = model.data_preprocessor(batch, False)
            last = model.extract_feat(data['inputs'])[-1].flatten(1)
            features.append((last if with_features else last.new_empty(len(last), 0)).cpu().numpy())
            for sample in data['data_samples']:
                domains.append(sample.metainfo.get('domain') or 'unknown')
                subsets.append(tuple(sample.metainfo.get('subsets', ())))
    finally:
        for handle in handles:
            handle.remove()
    weights = {name: np.concatenate(parts) for name, parts in attention.items()}
    return Observation(weights, np.concatenate(features), domains, subsets)


def require_attention(layers: Mapping[str, Any]) -> None:
    """ValueError where a network has no layers with attention."""
    if not layers:
        raise ValueError('The network has no norm layer with attention, such as mmsepbn.SepBN.')


def _attention_hook(kept: list[NDArray[np.float32]]) -> Any:
    def hook(module: SepBN | AttentiveNorm, inputs: tuple[torch.Tensor, ...], output: torch.Tensor) -> None:
        kept.append(module.attention(inputs[0]).detach().float().cpu().numpy())

    return hook

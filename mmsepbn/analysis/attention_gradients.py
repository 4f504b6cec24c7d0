"""How large the gradients of the attention are at several temperatures, relative to its parameters."""

import copy
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from matplotlib.figure import Figure
from torch import Tensor, nn

from mmsepbn.models.norms import SepBN

if TYPE_CHECKING:  # importing it needs the adapters of mmsepbn.registry
    from mmpose.models.pose_estimators.base import BasePoseEstimator

TEMPERATURES = (30.0, 10.0, 3.0, 1.0)
_COLORS = ('tab:blue', 'tab:green', 'tab:orange', 'tab:red')


def attention_gradients(
    model: 'BasePoseEstimator', batches: Iterable[dict[str, Any]], temperatures: Sequence[float] = TEMPERATURES
) -> list[dict[str, str | float]]:
    """A record for each temperature and layer: the pull at its ``attention`` and at its ``routes`` (scale and shift).

    The pull is the norm of the gradient of the mean loss over ``batches``, divided by the norm of the parameters: a
    step of plain SGD with the learning rate r changes them by r times this. The logits enter the softmax divided by T,
    so near uniform weights the pull at the attention falls as 1 / T, that at the routes does not.

    Args:
        model: an estimator with SepBN; it is not changed. Gradients are those of training mode.
        batches: of a training set, as returned by its data loader; their losses are averaged.
        temperatures: T of all layers, one after another.

    Raises:
        ValueError: the network has no SepBN with several routes, or there are no batches.
    """
    model = copy.deepcopy(model).train()
    layers = {name: module for name, module in model.named_modules() if isinstance(module, SepBN)}
    parts = {
        name: dict(attention=[*layer.route_attention.parameters()], routes=[layer.weight, layer.bias])
        for name, layer in layers.items()
        if layer.route_attention is not None
    }
    if not parts:
        raise ValueError('The network has no mmsepbn.SepBN with several routes.')
    inputs = [model.data_preprocessor(batch, True) for batch in batches]
    if not inputs:
        raise ValueError('attention_gradients(batches=) must hold at least one batch.')
    records: list[dict[str, str | float]] = []
    for temperature in temperatures:
        for layer in layers.values():
            layer.set_temperature(temperature)
        model.zero_grad()
        for data in inputs:
            loss, _ = model.parse_losses(model(**data, mode='loss'))
            (loss / len(inputs)).backward()
        records += [
            dict(temperature=temperature, layer=name) | {part: _gradient_ratio(own) for part, own in of_layer.items()}
            for name, of_layer in parts.items()
        ]
    return records


def _gradient_ratio(parameters: Sequence[nn.Parameter]) -> float:
    """Norm of the gradient over that of the parameters; 0 where hard aggregation passes no gradient."""
    gradient = sum(_square(p.grad) for p in parameters if p.grad is not None)
    return (gradient / sum(_square(p.detach()) for p in parameters)) ** 0.5


def _square(values: Tensor) -> float:
    return float(values.cpu().double().square().sum())  # mps has no float64


def plot_gradients(records: Sequence[dict[str, Any]], path: str | Path, title: str) -> None:
    """Write a PNG: over the layers, a line for the attention at each temperature, dashed ones for the routes."""
    layers = list(dict.fromkeys(record['layer'] for record in records))
    temperatures = list(dict.fromkeys(record['temperature'] for record in records))
    figure = Figure(figsize=(max(6, 0.4 * len(layers) + 3), 3.8), layout='constrained')
    axes = figure.subplots()
    places = range(1, len(layers) + 1)
    for index, temperature in enumerate(temperatures):
        own = [record for record in records if record['temperature'] == temperature]
        color = _COLORS[index % len(_COLORS)]
        axes.plot(places, [r['attention'] for r in own], 'o-', color=color, label=f'attention, T = {temperature:g}')
        axes.plot(
            places, [r['routes'] for r in own], '--', color=color, linewidth=1, label=f'routes, T = {temperature:g}'
        )
    axes.set(xticks=places, xlabel='layer', ylabel='norm of gradient / norm of parameters', yscale='log')
    axes.set_title(title, fontsize=9)
    axes.grid(alpha=0.3)
    axes.legend(fontsize=7, loc='center left', bbox_to_anchor=(1, 0.5))
    figure.savefig(path, dpi=150)

#!/usr/bin/env python
"""Speed of SepBN beside BatchNorm and beside the naive form, K whole BatchNorms mixed as feature maps.

Prints milliseconds of one layer and ratios to BatchNorm, measured in turns: the median over rounds.
"""

import argparse
import statistics
import time
from collections.abc import Callable

import torch
from rich.console import Console
from rich.table import Table
from torch import Tensor, nn

from mmsepbn.models import SepBN

SHAPES = ((16, 64, 128, 128), (16, 256, 32, 32), (16, 2048, 4, 4))


class NaiveSepBN(nn.Module):
    """The mixture computed on feature maps: K BatchNorms of the input, weighted and summed."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.layer = SepBN(channels)
        self.norms = nn.ModuleList(nn.BatchNorm2d(channels) for _ in range(self.layer.num_routes))

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, H, W) -> (N, C, H, W)."""
        weights = self.layer.attention(x).repeat_interleave(x.shape[1] // self.layer.num_groups, dim=2)
        maps = torch.stack([norm(x) for norm in self.norms], dim=1)
        return (maps * weights[..., None, None]).sum(dim=1)


def seconds(run: Callable[[], None], device: torch.device) -> float:
    """Time of one call."""
    if device.type == 'cuda':
        torch.cuda.synchronize()
    start = time.perf_counter()
    run()
    if device.type == 'cuda':
        torch.cuda.synchronize()
    return time.perf_counter() - start


def measure(shape: tuple[int, ...], training: bool, rounds: int, device: torch.device) -> dict[str, float]:
    """Median seconds of each layer; the layers take turns, so that a busy machine slows all alike."""
    layers = {'BatchNorm': nn.BatchNorm2d(shape[1]), 'SepBN': SepBN(shape[1]), 'naive': NaiveSepBN(shape[1])}
    x = torch.randn(shape, device=device, requires_grad=training)
    runs = {name: _call(layer.to(device).train(training), x, training) for name, layer in layers.items()}
    for run in runs.values():
        run()
    times = {name: [] for name in runs}
    for _ in range(rounds):
        for name, run in runs.items():
            times[name].append(seconds(run, device))
    return {name: statistics.median(values) for name, values in times.items()}


def _call(layer: nn.Module, x: Tensor, training: bool) -> Callable[[], None]:
    def run() -> None:
        with torch.set_grad_enabled(training):
            y = layer(x)
            if training:
                y.sum().backward()

    return run


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--rounds', type=int, default=20)
    parser.add_argument('--device', default='cuda' if torch.cuda.is_available() else 'cpu')
    args = parser.parse_args()
    device = torch.device(args.device)
    table = Table(title=f'torch {torch.__version__}, {device}, {torch.get_num_threads()} threads')
    for column in ('input', 'mode', 'BN ms', 'SepBN ms', 'naive ms', 'SepBN/BN', 'naive/BN'):
        table.add_column(column, justify='right')
    for shape in SHAPES:
        for training in (True, False):
            times = measure(shape, training, args.rounds, device)
            base = times['BatchNorm']
            cells = [f'{1000 * times[name]:.2f}' for name in times]
            ratios = [f'{times[name] / base:.2f}' for name in ('SepBN', 'naive')]
            table.add_row('x'.join(map(str, shape)), 'train' if training else 'eval', *cells, *ratios)
    Console().print(table)


if __name__ == '__main__':
    main()

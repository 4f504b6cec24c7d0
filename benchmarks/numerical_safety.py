#!/usr/bin/env python
"""When does training with SepBN stop being finite? The paper's Table X has NaN for two placements (docs/analyses.md).

Trains a network for some steps at a constant learning rate, without warm-up, for several placements of SepBN, and
prints for each the last loss, the largest gradient norm, and where the first number that is not finite arose. BN is the
placement ``none``. Weights start at random: no hub is asked. A gain multiplies all convolutions of the backbone, which
changes nothing for BN but lets SepBN's attention see activations as large as trained weights may make them. Faces: any
config's training set.

  FACES_ROOT=data/synthetic python benchmarks/numerical_safety.py configs/sepbn_resnext50_cofw.py
"""

import argparse
from collections.abc import Iterator, Sequence
from itertools import product
from pathlib import Path
from typing import Any

import torch
from mmengine.config import Config
from mmengine.registry import MODELS
from mmengine.runner import Runner, set_random_seed

import mmsepbn.registry  # noqa: F401
from mmsepbn.config_file import read_config, use_scope
from mmsepbn.engine.non_finite import all_finite, first_non_finite
from mmsepbn.markdown_table import markdown_lines
from mmsepbn.models.norms import SepBN

HEAD = (
    *('positions', 'gain', 'learning rate', 'steps', 'last loss', 'largest gradient norm'),
    'first not finite',
)
PLACEMENTS = {'none': None, '3': (3,), '1 2 3': (1, 2, 3)}


def train(cfg: Config, positions: tuple[int, ...] | None, rate: float, gain: float, steps: int) -> dict[str, Any]:
    """Some steps of SGD; what was seen."""
    set_random_seed(0)
    backbone = cfg.model.backbone
    backbone.backbone.init_cfg = None
    if 'Res' in backbone.backbone.type:
        backbone.backbone.zero_init_residual = False  # as in trained weights
    if positions is None:
        backbone.norm_cfg = dict(type='BN')
    else:
        backbone.positions = positions
    model = MODELS.build(cfg.model)
    model.init_weights()
    attention = {conv for layer in model.modules() if isinstance(layer, SepBN) for conv in layer.modules()}
    for module in model.backbone.modules():
        if isinstance(module, SepBN):
            module.set_temperature(1.0)
        elif isinstance(module, torch.nn.Conv2d) and module not in attention:
            module.weight.data.mul_(gain)
    optimizer = torch.optim.SGD(model.parameters(), lr=rate, momentum=0.9, weight_decay=5e-4)
    loader = Runner.build_dataloader(cfg.train_dataloader, seed=0)
    seen = dict(steps=0, loss=0.0, gradient=0.0, first='')
    while seen['steps'] < steps:
        for batch in loader:
            data = model.data_preprocessor(batch, True)
            losses = model(**data, mode='loss')
            if not all_finite(losses):
                origin = first_non_finite(model, **data, mode='loss')
                return seen | dict(first=origin.words if origin else 'the loss')
            loss, _ = model.parse_losses(losses)
            optimizer.zero_grad()
            loss.backward()
            norm = torch.nn.utils.get_total_norm([p.grad for p in model.parameters() if p.grad is not None])
            optimizer.step()
            seen['steps'] += 1
            seen['loss'], seen['gradient'] = loss.item(), max(seen['gradient'], norm.item())
            if seen['steps'] >= steps:
                break
    return seen


def rows(config: Path, rates: Sequence[float], gains: Sequence[float], steps: int) -> Iterator[list[str]]:
    """The table's lines, each when it has been measured."""
    for rate, gain, (name, positions) in product(rates, gains, PLACEMENTS.items()):
        cfg = read_config(config)
        use_scope(cfg)
        seen = train(cfg, positions, rate, gain, steps)
        numbers = (f'{gain:g}', f'{rate:g}', str(seen['steps']), f'{seen["loss"]:.3g}', f'{seen["gradient"]:.3g}')
        yield [name, *numbers, seen['first'] or '-']


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('config', type=Path, help='a config with mmsepbn.SepBNBackbone')
    parser.add_argument('--rates', type=float, nargs='+', default=[1e-3, 1e-1])
    parser.add_argument('--gains', type=float, nargs='+', default=[1.0, 30.0])
    parser.add_argument('--steps', type=int, default=20)
    args = parser.parse_args()
    for line in markdown_lines(HEAD, rows(args.config, args.rates, args.gains, args.steps), 'lrrrrrl'):
        print(line, flush=True)


if __name__ == '__main__':
    main()

#!/usr/bin/env python
"""Cross-protocol training and fine-tuning against training from scratch, over seeds.

Runs tools/train.py and tools/test.py on the configs of one folder (configs/demo or configs/real): {norm}_vanilla_{set},
cnt_{norm}_vanilla, cnt_{norm}_vanilla_{set}. Finished runs are kept, so the command goes on where it was stopped.
Prints a Markdown table with mean and standard deviation over seeds.
"""

import argparse
import json
import statistics
import subprocess
import sys
from pathlib import Path

from mmengine.config import Config

METRICS = ('NME', 'FR@0.10', 'AUC@0.10')


def run(config: Path, folder: Path, seed: int, load_from: Path | None = None) -> Path:
    """Train and test one config unless that was done; returns the last checkpoint."""
    checkpoint = folder / f'epoch_{Config.fromfile(config).train_cfg.max_epochs}.pth'
    options = [f'randomness.seed={seed}', *([f'load_from={load_from}'] if load_from else [])]
    common = [sys.executable, '-W', 'ignore']
    if not checkpoint.exists():
        train = ['tools/train.py', str(config), '--work-dir', str(folder), '--cfg-options', *options]
        subprocess.run([*common, *train, '--no-validate'], check=True, stdout=subprocess.DEVNULL)
    if not (folder / 'rows.json').exists():
        test = ['tools/test.py', str(config), str(checkpoint), '--work-dir', str(folder / 'test')]
        subprocess.run([*common, *test, '--out', str(folder / 'rows.json')], check=True, stdout=subprocess.DEVNULL)
    return checkpoint


def table(rows: dict[str, list[dict[str, float]]], name: str) -> str:
    """Mean and standard deviation of each row over seeds."""
    lines = [['row', 'seeds', *(f'{metric}{"" if "AUC" in metric else " %"}' for metric in METRICS)]]
    lines.append(['---', '---:', *['---:'] * len(METRICS)])
    for row, results in rows.items():
        cells = []
        for metric in METRICS:
            values = [result[f'{name}/{metric}'] for result in results]
            spread = statistics.stdev(values) if len(values) > 1 else float('nan')
            digits = 3 if 'AUC' in metric else 2
            cells.append(f'{statistics.mean(values):.{digits}f} ± {spread:.{digits}f}')
        lines.append([row, str(len(results)), *cells])
    return '\n'.join(f'| {" | ".join(line)} |' for line in lines)


def main() -> None:
    """Run all rows and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('configs', type=Path, help='configs/demo or configs/real')
    parser.add_argument('--set', required=True, help='the small set, a name such as cofw or 300w')
    parser.add_argument('--norms', nargs='+', default=['bn'])
    parser.add_argument('--seeds', type=int, default=3)
    parser.add_argument('--out', type=Path, required=True, help='folder for the runs')
    args = parser.parse_args()
    rows: dict[str, list[dict[str, float]]] = {}
    for norm in args.norms:
        for seed in range(args.seeds):
            folder, net = args.out / f'{norm}_{seed}', f'{norm}_vanilla'
            run(args.configs / f'{net}_{args.set}.py', folder / 'scratch', seed)
            stage_1 = run(args.configs / f'cnt_{net}.py', folder / 'stage_1', seed)
            run(args.configs / f'cnt_{net}_{args.set}.py', folder / 'stage_2', seed, load_from=stage_1)
            for row, part in (('scratch', 'scratch'), ('CNT + fine-tuning', 'stage_2'), ('CNT, stage 1', 'stage_1')):
                results = json.loads((folder / part / 'rows.json').read_text())
                rows.setdefault(f'{norm}, {row}', []).append(results)
            print(table(rows, args.set), flush=True)


if __name__ == '__main__':
    main()

#!/usr/bin/env python
"""Look into a trained network; writes a figure (PNG) and its numbers (CSV).

similarity   how alike the routes of each layer are (paper Eq. 2, Fig. 4): SepBN, brute-force SepBN
routes       learned scale and shift of every route and channel
attention    weights of the routes over the test set, by head pose and by subset
features     t-SNE of the last features of the test set, coloured by head pose (paper Fig. 3)
gradients    how large the gradients of the attention are on the training set at T = 30, 10, 3 and 1

tools/analyze.py similarity configs/sepbn_vanilla_aflw.py work_dirs/sepbn_vanilla_aflw/epoch_500.pth --out analysis
"""

import argparse
import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mmsepbn.cli.errors import SETTINGS_ERRORS, readable_errors
from mmsepbn.cli.imports import imports

with imports():
    from mmengine.runner import Runner

    from mmsepbn.analysis.attention_gradients import attention_gradients, plot_gradients
    from mmsepbn.analysis.attention_weights import attention_weights, plot_attention
    from mmsepbn.analysis.csv_file import write_records
    from mmsepbn.analysis.feature_map import embed, plot_embedding
    from mmsepbn.analysis.observe import observe
    from mmsepbn.analysis.route_parameters import plot_parameters, route_parameters
    from mmsepbn.analysis.route_similarity import plot_similarity, route_similarity
    from mmsepbn.analysis.routes import route_values
    from mmsepbn.apis.load_model import load_model
    from mmsepbn.cli.needed_loader import needed_loader
    from mmsepbn.cli.numbers import number
    from mmsepbn.cli.options import add_cfg_options, config_of
    from mmsepbn.datasets.samplers.draw import seed_draws


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('kind', choices=['similarity', 'routes', 'attention', 'features', 'gradients'])
    parser.add_argument('config', help='config of the network and its faces')
    parser.add_argument('checkpoint', help='checkpoint file')
    parser.add_argument('--out', type=Path, required=True, help='folder for KIND.png and KIND.csv')
    parser.add_argument('--title', help='heading of the figure; default: the name of the config')
    parser.add_argument('--batches', type=number(int, 1), help='use only this many batches of the faces')
    add_cfg_options(parser)
    return parser.parse_args()


def main() -> None:
    """Write the two files."""
    args = parse_args()
    cfg = config_of(args.config, args.cfg_options)
    model = load_model(cfg, args.checkpoint)
    title = args.title or Path(args.config).stem
    args.out.mkdir(parents=True, exist_ok=True)
    figure, table = (args.out / f'{args.kind}.{suffix}' for suffix in ('png', 'csv'))

    def batches(loader: str) -> Iterator[dict[str, Any]]:
        built = Runner.build_dataloader(needed_loader(cfg, loader), seed=0)
        seed_draws(built, seed=0)
        return itertools.islice(built, args.batches)

    if args.kind == 'similarity':
        records = route_similarity(route_values(model))
        plot_similarity(records, figure, title)
    elif args.kind == 'routes':
        routes = route_values(model)
        records = route_parameters(routes)
        plot_parameters(routes, figure, title)
    elif args.kind == 'attention':
        seen = observe(model, batches('test_dataloader'), with_features=False)
        records = attention_weights(seen)
        plot_attention(seen, figure, title)
    elif args.kind == 'gradients':
        records = attention_gradients(model, batches('train_dataloader'))
        plot_gradients(records, figure, title)
    else:
        seen = observe(model, batches('test_dataloader'))
        points = embed(seen.features)
        records = [dict(domain=d, x=float(x), y=float(y)) for d, (x, y) in zip(seen.domains, points, strict=True)]
        plot_embedding(points, seen.domains, figure, title)
    write_records(table, records)
    print(f'written: {figure}, {table}')


if __name__ == '__main__':
    with readable_errors(*SETTINGS_ERRORS):
        main()

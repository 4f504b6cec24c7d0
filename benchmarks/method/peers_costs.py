#!/usr/bin/env python
"""What a face costs: milliseconds on one core and multiply-accumulates of the networks that peers.py shows.

  python benchmarks/method/peers_costs.py     writes benchmarks/method/peers_costs.json; run.py --render shows it

From the crop's pixels to landmarks in it, by onnxruntime with one thread, one face at a time; with a flip test both
passes count. Weights are random, they change no time. Time is the processor's, so that other programs matter little.
"""

import argparse
import copy
import sys
import time
import timeit
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import torch
from mmengine.registry import MODELS, init_default_scope

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import mmsepbn.registry  # noqa: F401
from benchmarks.method.peers import COSTS, SHOWN, ZOO
from benchmarks.speed.machine import machine
from mmsepbn.config_file import read_config
from mmsepbn.experiments.records import Records
from mmsepbn.experiments.run import settle_rows
from mmsepbn.experiments.table import read_table
from mmsepbn.experiments.train_and_measure import multiply_accumulates
from mmsepbn.export.crop_network import CropNetwork
from mmsepbn.export.onnx_graph import onnx_graph
from mmsepbn.whole_file import write_json
from mmsepbn.zoo.index import FOLDER, read_index

ROOT = Path(__file__).resolve().parents[2]
NUMBER, REPEAT = 20, 10  # faces in a row, and how often


def configs() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Table, row and model of each network."""
    records = Records(ROOT / 'work_dirs')
    for shown in SHOWN:
        table = read_table(ROOT / 'benchmarks' / 'method' / 'tables' / f'{shown.table}.py', rows=shown.rows)
        for row, runs in settle_rows(table, 0, ROOT / 'work_dirs', records).items():
            yield shown.table, row, runs[-1].config.model
    for network in read_index(FOLDER):
        yield ZOO, network.name, read_config(ROOT / network.config).model


def cost(model: Mapping[str, Any]) -> dict[str, float]:
    """``milliseconds`` and ``macs`` of a face."""
    network = crop_network(model)
    branch = next(iter(network.model.head.branches.values()))
    width, height = branch.decoder.input_size
    graph = onnx_graph(network, (width, height)).SerializeToString()
    passes = 2 if network.flip_test else 1
    return dict(
        milliseconds=round(milliseconds(graph, (height, width)), 2),
        macs=passes * multiply_accumulates(network.model, (3, height, width)),
    )


def crop_network(model: Mapping[str, Any]) -> CropNetwork:
    """The network of a config in evaluation; a head of MMPose becomes the branch that it would be here."""
    config = copy.deepcopy(dict(model))
    if 'protocols' not in config['head']:
        branches = {'300w': config['head']}
        config['head'] = dict(type='mmsepbn.MultiProtocolHead', protocols=list(branches), branches=branches)
    return CropNetwork(MODELS.build(config).eval())


def milliseconds(graph: bytes, size: tuple[int, int]) -> float:
    """Of one face: the fastest of several means, the least disturbed one."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(graph, options, providers=['CPUExecutionProvider'])
    crops = np.random.default_rng(0).integers(0, 256, (1, *size, 3), np.uint8)
    timer = timeit.Timer(lambda: session.run(None, {'crops': crops}), timer=time.process_time)
    return 1000 * min(timer.repeat(REPEAT, NUMBER)) / NUMBER


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--out', type=Path, default=COSTS, help='JSON file; default: %(default)s')
    args = parser.parse_args()
    torch.set_num_threads(1)
    init_default_scope('mmpose')
    costs: dict[str, dict[str, dict[str, float]]] = {}
    for table, row, model in configs():
        costs.setdefault(table, {})[row] = found = cost(model)
        print(f'{table}: {row}: {found}', flush=True)
    about = dict(machine=machine(torch.device('cpu')), onnxruntime=onnxruntime.__version__, costs=costs)
    write_json(args.out, about)


if __name__ == '__main__':
    main()

#!/usr/bin/env python
"""Faces per second that one core makes ready for a training: MMPose's pipeline beside ours, on the same faces.

Images of 1024 x 1024 pixels are drawn for it. The pipelines take turns; a figure is the median over rounds, of the
processor's time, so that other programs matter little. Faces are read as a training reads them, each under its seed.

python benchmarks/loader_speed.py --out loader_speed.json
"""

import argparse
import copy
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from mmengine.registry import DATASETS, init_default_scope

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.speed.machine import machine
from mmsepbn.cli.face_caching import make_caches
from mmsepbn.datasets.annotated_face import AnnotatedFace
from mmsepbn.datasets.face_cache.link import VARIABLE
from mmsepbn.datasets.samplers.draw import Draw, fetch
from mmsepbn.datasets.writers import write_wflw
from mmsepbn.synthetic import generate_faces
from mmsepbn.whole_file import write_json

SIDE = 1024  # pixels of an image
LIST = 'WFLW_annotations/list_98pt_rect_attr_train_test/list_98pt_rect_attr_train.txt'
SIZE = (128, 128)
LOAD, CROP, PACK = (dict(type=f'mmsepbn.{name}') for name in ('LoadFaceImage', 'RandomFaceCrop', 'PackFaceInputs'))
TARGET = dict(type='GenerateTarget', encoder=dict(type='mmsepbn.PixelLabel', input_size=SIZE))
MMPOSE = [
    dict(type='LoadImage'),
    dict(type='GetBBoxCenterScale', padding=1.0),
    dict(type='RandomFlip', direction='horizontal'),
    dict(type='RandomBBoxTransform', shift_prob=0.5, rotate_factor=25, scale_factor=(0.85, 1.15)),
    dict(type='TopdownAffine', input_size=SIZE),
    dict(type='GenerateTarget', encoder=dict(type='RegressionLabel', input_size=SIZE)),
    dict(type='PackPoseInputs'),
]
OURS = {
    'whole images': [LOAD, CROP, TARGET, PACK],
    'whole images, antialias': [LOAD, CROP | dict(antialias=True), TARGET, PACK],
    'reduced images': [LOAD | dict(reduced=True), CROP, TARGET, PACK],
}


def drawn_faces(count: int, face: int) -> Iterator[AnnotatedFace]:
    """Faces drawn on ``face`` pixels, each at the middle of an image that shows it enlarged, with noise."""
    rng = np.random.default_rng(0)
    for drawn in generate_faces(count, size=face, workers=1):
        image = cv2.resize(drawn.image, (SIDE, SIDE), interpolation=cv2.INTER_CUBIC)
        start = (SIDE - face) // 2
        image[start : start + face, start : start + face] = drawn.image
        noisy = np.clip(image + rng.normal(0, 2, image.shape), 0, 255).astype(np.uint8)
        x1, y1, x2, y2 = (value + start for value in drawn.box)
        landmarks = {name: points + start for name, points in drawn.landmarks.items()}
        yield replace(drawn, image=noisy, box=(x1, y1, x2, y2), landmarks=landmarks)


def measure(folder: Path, count: int, face: int, rounds: int) -> dict[str, Any]:
    """Faces per second of each pipeline, and ratios to MMPose's."""
    write_wflw(folder, drawn_faces(count, face), [])
    settings = dict(type='mmsepbn.WFLWDataset', data_root=str(folder), data_prefix=dict(img='WFLW_images'))
    settings |= dict(ann_file=LIST)
    sets = {'MMPose': _built(settings, MMPOSE)} | {name: _built(settings, each) for name, each in OURS.items()}
    for name, quality in (('face cache', 95), ('face cache, raw', None)):
        sets[name] = _cached(settings, folder / name, quality)
    runs = {name: _run(dataset, number) for number, (name, dataset) in enumerate(sets.items())}
    speeds = {name: count / seconds for name, seconds in _medians(runs, rounds).items()}
    boxes = np.concatenate([sets['MMPose'].get_data_info(index)['bbox'] for index in range(count)])
    files = [path.stat().st_size for path in folder.rglob('*.jpg')]
    return dict(
        box_side=float(np.median(boxes[:, 2:] - boxes[:, :2])),
        image_bytes=int(np.median(files)),
        faces_per_second={name: round(speed, 1) for name, speed in speeds.items()},
        times_mmpose={name: round(speed / speeds['MMPose'], 2) for name, speed in speeds.items()},
    )


def _built(settings: Mapping[str, Any], pipeline: list[dict[str, Any]]) -> Any:
    return DATASETS.build(copy.deepcopy(dict(settings) | dict(pipeline=pipeline)))


def _cached(settings: Mapping[str, Any], folder: Path, quality: int | None) -> Any:
    config = dict(train_dataloader=dict(dataset=dict(settings) | dict(pipeline=OURS['whole images'])))
    list(make_caches(config, folder, 1.25, quality))
    os.environ[VARIABLE] = str(folder)
    try:
        return _built(settings, OURS['whole images'])
    finally:
        del os.environ[VARIABLE]


def _run(dataset: Any, key: int) -> Callable[[], None]:
    """Read all faces once; each time with other draws, in batches of 8."""
    epoch = iter(range(10**9))

    def run() -> None:
        number = next(epoch)
        draws = [Draw(index, (key, number, index)) for index in range(len(dataset))]
        for start in range(0, len(draws), 8):
            fetch(dataset, draws[start : start + 8])

    return run


def _medians(runs: Mapping[str, Callable[[], None]], rounds: int) -> dict[str, float]:
    """Median seconds of the processor; the first round warms up."""
    times: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(rounds + 1):
        for name, run in runs.items():
            start = time.process_time()
            run()
            times[name].append(time.process_time() - start)
    return {name: statistics.median(values[1:]) for name, values in times.items()}


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--out', type=Path, help='JSON file of the figures')
    parser.add_argument('--faces', type=int, default=32, help='faces of each size; default: 32')
    parser.add_argument('--rounds', type=int, default=9, help='default: 9')
    parser.add_argument(
        '--sizes', type=int, nargs='+', default=[256, 1024], help='pixels of the drawn faces; default: 256 1024'
    )
    args = parser.parse_args()
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    init_default_scope('mmpose')
    rows = []
    for size in args.sizes:
        with tempfile.TemporaryDirectory() as folder:
            rows.append(measure(Path(folder), args.faces, size, args.rounds))
            print(json.dumps(rows[-1], indent=1), flush=True)
    if args.out:
        figures = dict(machine=machine(torch.device('cpu')), faces=args.faces, rounds=args.rounds, rows=rows)
        write_json(args.out, figures)


if __name__ == '__main__':
    main()

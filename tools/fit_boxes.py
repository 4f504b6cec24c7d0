#!/usr/bin/env python
"""Fit the boxes of a face detector to those that a network is trained with.

tools/fit_boxes.py configs/sepbn_vanilla_300w.py --faces mtcnn --checkpoint work_dirs/sepbn_vanilla_300w/epoch_500.pth

Reports how far detected boxes are off on the training set, before and after. With --checkpoint the map is stored next
to it, for prediction, and the NME of the test set is reported with annotated, detected and fitted boxes. With
--confidence the confidence is also calibrated, on the validation set, and stored.
"""

import argparse
from pathlib import Path

from mmsepbn.cli.errors import SETTINGS_ERRORS, readable_errors
from mmsepbn.cli.imports import imports

with imports():
    from mmsepbn.apis.prediction_settings import store
    from mmsepbn.apis.torch_network import TorchNetwork
    from mmsepbn.cli.box_fitting import (
        find_test_faces,
        fitted_confidence,
        fitted_maps,
        report_confidence,
        report_landmarks,
        samples_of,
    )
    from mmsepbn.cli.numbers import number
    from mmsepbn.cli.options import add_cfg_options, config_of
    from mmsepbn.cli.output_file import output_file
    from mmsepbn.detectors.make import DETECTORS, make_detector
    from mmsepbn.processes.freed_memory import keep_freed_memory


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('config', help='config of the network and its faces')
    parser.add_argument('--faces', default='auto', metavar='DETECTOR', help=f'{DETECTORS}; default: auto')
    parser.add_argument('--checkpoint', help='checkpoint to store the map for, and to measure landmarks with')
    parser.add_argument(
        '--most', type=number(int, 1), default=1000, help='maximum number of faces per set; default: 1000'
    )
    parser.add_argument(
        '--confidence',
        type=output_file('.png', '.jpg', '.jpeg', '.svg', '.pdf'),
        help='also calibrate the confidence on the validation set, and plot it to this file',
    )
    parser.add_argument(
        '--tolerance',
        type=number(float, 0),
        default=0.08,
        help='largest NME of a face that counts as right, a fraction; default: 0.08',
    )
    parser.add_argument(
        '--min-size',
        type=number(float, 0),
        default=0.0,
        help='minimum length of the longer side of a face in pixels; default: 0',
    )
    add_cfg_options(parser)
    args = parser.parse_args()
    if args.confidence and not args.checkpoint:
        parser.error('argument --confidence: needs --checkpoint')
    if args.checkpoint and not Path(args.checkpoint).is_file():
        parser.error(f'argument --checkpoint: must be a file; maps are stored next to it. Got {args.checkpoint}.')
    return args


def main() -> None:
    """Fit, say so, store."""
    args = parse_args()
    keep_freed_memory()
    cfg = config_of(args.config, args.cfg_options)
    detector = make_detector(args.faces, min_size=args.min_size)
    if args.checkpoint:
        TorchNetwork(cfg, args.checkpoint, fitted=False)  # an early error if it cannot predict
    parts = ['train'] + ['test'] * bool(args.checkpoint) + ['val'] * bool(args.confidence)
    faces = {part: samples_of(cfg, f'{part}_dataloader', args.most) for part in parts}
    maps = fitted_maps(faces['train'], detector)
    if args.checkpoint:
        print(f'stored: {store(args.checkpoint, maps)}')
        network = TorchNetwork(cfg, args.checkpoint)
        sets = find_test_faces(faces['test'], network, detector)
        report_landmarks(network, sets)
        if args.confidence:
            calibration = fitted_confidence(faces['val'], network, args.tolerance, args.confidence)
            store(args.checkpoint, calibration=calibration)
            report_confidence(network, calibration, sets)


if __name__ == '__main__':
    with readable_errors(*SETTINGS_ERRORS):
        main()

#!/usr/bin/env python
"""Find faces in images and videos, and their landmarks; writes drawings and files of other programs.

tools/predict.py photo.jpg photos/ 'more/*.png' list.txt --save draw,coco,csv
tools/predict.py photo.jpg --config CONFIG --checkpoint FILE
tools/predict.py clip.mp4 webcam:0 --model landmarks.onnx --protocol 300w --smooth
"""

import argparse
import sys
from collections.abc import Callable

from mmsepbn.apis import FaceLandmarker
from mmsepbn.cli.errors import SETTINGS_ERRORS, readable_errors
from mmsepbn.cli.inputs import find_inputs
from mmsepbn.cli.numbers import number
from mmsepbn.cli.prediction import predict_images, predict_videos
from mmsepbn.detectors.make import DETECTORS
from mmsepbn.outputs.result_files import FORMATS, OF_VIDEOS, ResultFiles
from mmsepbn.processes.freed_memory import keep_freed_memory
from mmsepbn.zoo.resolve import is_zoo_name


def names(*known: str) -> Callable[[str], list[str]]:
    """A type for argparse: names with commas between them, all of them known where any are."""

    def read(text: str) -> list[str]:
        found = list(dict.fromkeys(text.replace(' ', '').strip(',').split(',')))
        if known and (unknown := [name for name in found if name not in known]):
            raise argparse.ArgumentTypeError(f'must be some of {",".join(known)}. Got {",".join(unknown)!r}.')
        return found

    return read


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        'inputs',
        nargs='+',
        help='image, folder of images, glob pattern, video, webcam:0, or .txt with one of these per line',
    )
    parser.add_argument('--config', help='config of the network; default: a bundled network')
    parser.add_argument('--checkpoint', help='checkpoint of the network; contains its config if --config is not given')
    parser.add_argument(
        '--model', help='instead of both: .onnx file of tools/export.py, or the name of a bundled network'
    )
    parser.add_argument(
        '--device',
        default='cpu',
        help='cpu, cuda or cuda:1; an ONNX file or a bundled network also takes a provider of onnxruntime; '
        'default: cpu',
    )
    parser.add_argument(
        '--protocol', type=names(), default='all', help='protocols to predict, separated by commas; default: all'
    )
    parser.add_argument('--faces', '--boxes', default='auto', help=f'how faces are found: {DETECTORS}; default: auto')
    parser.add_argument(
        '--max-faces', type=int, help='keep at most this many faces of an image, the largest; default: all'
    )
    parser.add_argument(
        '--min-size', type=float, default=0, help='minimum length of the longer side of a face in pixels; default: 0'
    )
    parser.add_argument(
        '--min-score', type=float, default=0, help='minimum detector score of a face, 0 to 1; default: 0'
    )
    parser.add_argument(
        '--confidence',
        type=int,
        default=0,
        help='number of passes that estimate the confidence, such as 4; default: off',
    )
    parser.add_argument('--batch-size', type=int, default=16, help='faces per batch; default: 16')
    parser.add_argument(
        '--save',
        type=names(*FORMATS),
        default='draw,json',
        help=f'output formats, separated by commas: {",".join(FORMATS)}; default: draw,json',
    )
    parser.add_argument('--out', default='predictions', help='folder of the results; default: predictions')
    parser.add_argument('--overwrite', action='store_true', help='replace results of earlier runs')
    parser.add_argument(
        '--detect-every', type=number(int, 1), help='run the detector every so many frames of a video; default: 10'
    )
    parser.add_argument('--smooth', action='store_true', help='smooth landmarks of a video over time')
    parser.add_argument('--show', action='store_true', help='show a video as it is drawn; needs a display')
    args = parser.parse_args()
    if args.model is not None and not (args.model.lower().endswith('.onnx') or is_zoo_name(args.model)):
        parser.error(
            '--model must be an .onnx file of tools/export.py, or a name of docs/zoo.md; --checkpoint names others. '
            f'Got {args.model!r}.'
        )
    if args.model is not None and not (args.config is args.checkpoint is None):
        parser.error('--model replaces --config and --checkpoint. Got both.')
    return args


def main() -> None:
    """Predict, write, and say what failed."""
    args = parse_args()
    keep_freed_memory()
    images, videos, problems, left_out = find_inputs(args.inputs, args.out)
    for line in left_out:
        print(line, file=sys.stderr)
    if images or videos:
        problems += predict(args, images, videos)
    if problems:
        listed = '\n  '.join(problems)
        print(f'{len(problems)} failed:\n  {listed}', file=sys.stderr)
        raise SystemExit(1)


def predict(args: argparse.Namespace, images: list[str], videos: list[str]) -> list[str]:
    """Returns what is wrong with those that failed."""
    given = dict(detect_every=args.detect_every, smooth=args.smooth, show=args.show)
    of_videos = {name: value for name, value in given.items() if value}
    if of_videos and not videos:
        unused = ', '.join('--' + name.replace('_', '-') for name in of_videos)
        print(f'Not used for images: {unused}.', file=sys.stderr)
    landmarker = FaceLandmarker(
        args.model or args.config,
        args.checkpoint,
        faces=args.faces,
        protocol=args.protocol,
        batch_size=args.batch_size,
        max_faces=args.max_faces,
        min_size=args.min_size,
        min_score=args.min_score,
        confidence=args.confidence,
        device=args.device,
    )
    landmarker.detector  # noqa: B018 - whether there is one is found out before the work
    protocols = [each for each in landmarker.network.info.protocols if each.name in landmarker.protocols]
    with ResultFiles(args.out, args.save, protocols, images, videos, args.overwrite) as files:
        problems = predict_images(landmarker, images, files)
        if videos and not set(args.save) & set(OF_VIDEOS):
            problems.append(f'Videos: --save must have some of {",".join(OF_VIDEOS)}. Got {",".join(args.save)}.')
        elif videos:
            if left := [name for name in args.save if name not in OF_VIDEOS]:
                print(f'Not written for videos: {", ".join(left)}.', file=sys.stderr)
            problems += predict_videos(landmarker, videos, files, **of_videos)
    if files.written:
        print(f'written: {args.out}')
    return problems


if __name__ == '__main__':
    with readable_errors(*SETTINGS_ERRORS):
        main()

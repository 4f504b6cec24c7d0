#!/usr/bin/env python
"""Draws a synthetic data set in an official layout, or the labelled overview image.

Train faces have indices from 0, test faces from 1 000 000, so the test set does not depend on the size of the other.

  python tools/make_synthetic_faces.py data/synthetic/WFLW --set wflw --train 1000 --test 200
"""

import argparse
from collections.abc import Callable, Iterable
from pathlib import Path

from mmsepbn.cli.errors import readable_errors
from mmsepbn.cli.imports import imports

with imports():
    from mmsepbn.cli.numbers import number
    from mmsepbn.cli.output_file import image_output, refuse_filled_folder
    from mmsepbn.datasets.annotated_face import AnnotatedFace
    from mmsepbn.datasets.writers import write_aflw, write_cofw, write_face300w, write_wflw, write_wider_face
    from mmsepbn.processes.freed_memory import keep_freed_memory
    from mmsepbn.synthetic import generate_faces, overview_sheet
    from mmsepbn.synthetic.generator import SMALLEST
    from mmsepbn.write_image import write_image

WRITERS: dict[str, Callable[[Path, Iterable[AnnotatedFace], Iterable[AnnotatedFace]], None]] = {
    'wflw': write_wflw,
    'cofw': write_cofw,
    'aflw': write_aflw,
    '300w': write_face300w,
    'wider_face': write_wider_face,
}
TEST_START = 1_000_000


def parse_arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('out', type=Path, nargs='?', help='folder of the data set, new or empty')
    parser.add_argument('--overwrite', action='store_true', help='replace files of the same names in OUT')
    parser.add_argument('--set', choices=sorted(WRITERS), default='wflw', help='layout to write; default: wflw')
    parser.add_argument('--train', type=number(int, 0), default=1000, help='train faces; default: 1000')
    parser.add_argument('--test', type=number(int, 0), help='test faces; default: 200, none for wider_face')
    parser.add_argument('--seed', type=number(int, 0), default=0, help='of the faces; default: 0')
    parser.add_argument('--size', type=number(int, SMALLEST), default=256, help='image side in pixels; default: 256')
    parser.add_argument('--workers', type=number(int, 1), help='processes; default: one per usable core')
    parser.add_argument('--sheet', type=image_output, help='write the labelled overview image here')
    arguments = parser.parse_args()
    if arguments.out is None and arguments.sheet is None:
        parser.error('give OUT, --sheet or both')
    if arguments.set == 'wider_face' and arguments.test:
        parser.error('--set wider_face has no test faces; leave --test out')
    if arguments.test is None:
        arguments.test = 0 if arguments.set == 'wider_face' else 200
    return arguments


def main() -> None:
    """Write what the command line asks for and say so."""
    arguments = parse_arguments()
    keep_freed_memory()
    if arguments.out is not None:
        refuse_filled_folder(arguments.out, arguments.overwrite)
    if arguments.sheet is not None:
        write_image(arguments.sheet, overview_sheet(arguments.seed))
        print(f'overview: {arguments.sheet}')
    if arguments.out is not None:
        options = {'seed': arguments.seed, 'size': arguments.size, 'workers': arguments.workers}
        train = generate_faces(arguments.train, **options)
        test = generate_faces(arguments.test, start=TEST_START, **options)
        WRITERS[arguments.set](arguments.out, train, test)
        print(f'{arguments.set}: {arguments.train} train and {arguments.test} test faces below {arguments.out}')


if __name__ == '__main__':
    with readable_errors(ValueError, OSError):
        main()

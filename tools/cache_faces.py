#!/usr/bin/env python
"""Cut the faces of a config's data sets out of their images once, with all that augmentation can reach.

python tools/cache_faces.py configs/cnt_sepbn_vanilla.py --out face_cache
FACE_CACHE=face_cache python tools/train.py configs/cnt_sepbn_vanilla.py
"""

import argparse
import os
from pathlib import Path

from mmsepbn.cli.errors import SETTINGS_ERRORS, readable_errors
from mmsepbn.cli.imports import imports

with imports():
    from mmengine.registry import init_default_scope

    from mmsepbn.cli.face_caching import make_caches
    from mmsepbn.cli.options import add_cfg_options, merge_options
    from mmsepbn.cli.output_file import output_folder
    from mmsepbn.config_file import read_config
    from mmsepbn.datasets.face_cache.link import VARIABLE
    from mmsepbn.processes.folder_lock import folder_lock


def main() -> None:
    """Write the caches; an interrupted one continues where it stopped."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('config', help='config file')
    parser.add_argument(
        '--out',
        type=output_folder,
        default=os.environ.pop(VARIABLE, None) or 'face_cache',
        help=f'folder of the caches; default: {VARIABLE} of the environment, or face_cache',
    )
    parser.add_argument(
        '--scale',
        type=_at_least_one,
        default=1.25,
        help='resolution, relative to an unaugmented crop; default: 1.25',
    )
    form = parser.add_mutually_exclusive_group()
    form.add_argument('--quality', type=_quality, default=95, help='JPEG quality, 1 to 100; default: 95')
    form.add_argument('--raw', action='store_true', help='store raw pixels, which takes 5 to 10 times the space')
    add_cfg_options(parser)
    args = parser.parse_args()
    folder = Path(args.out)
    with readable_errors(*SETTINGS_ERRORS):
        config = read_config(args.config)
        merge_options(config, args.cfg_options)
        init_default_scope(config.get('default_scope') or 'mmengine')
        with folder_lock(folder):
            for line in make_caches(config, folder, args.scale, None if args.raw else args.quality):
                print(line, flush=True)
    print(f'{VARIABLE}={folder.resolve()} python tools/train.py {args.config} reads them.')


def _at_least_one(text: str) -> float:
    value = float(text)
    if not 1 <= value <= 16:
        raise argparse.ArgumentTypeError(f'must lie in [1, 16]. Got {text}.')
    return value


def _quality(text: str) -> int:
    value = int(text)
    if not 1 <= value <= 100:
        raise argparse.ArgumentTypeError(f'must lie in [1, 100]. Got {text}.')
    return value


if __name__ == '__main__':
    main()

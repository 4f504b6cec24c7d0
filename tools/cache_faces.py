#!/usr/bin/env python
"""Cut the faces of a config's data sets out of their images once, with all that augmentation can reach.

python tools/cache_faces.py configs/cnt_sepbn_vanilla.py --out face_cache
FACE_CACHE=face_cache python tools/train.py configs/cnt_sepbn_vanilla.py
"""

import argparse
import os
import shlex
from pathlib import Path

from mmsepbn.cli.errors import SETTINGS_ERRORS, readable_errors
from mmsepbn.cli.imports import imports

with imports():
    from mmsepbn.cli.face_caching import make_caches
    from mmsepbn.cli.numbers import number
    from mmsepbn.cli.options import add_cfg_options, config_of
    from mmsepbn.cli.output_file import output_folder
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
        type=number(float, 1, 16),
        default=1.25,
        help='resolution, relative to an unaugmented crop; default: 1.25',
    )
    form = parser.add_mutually_exclusive_group()
    form.add_argument(
        '--quality', type=number(int, 1, 100), help='JPEG quality, 1 to 100; default: that of the cache there, else 95'
    )
    form.add_argument('--raw', action='store_true', help='store raw pixels, which takes 5 to 10 times the space')
    add_cfg_options(parser)
    args = parser.parse_args()
    folder = Path(args.out)
    with readable_errors(*SETTINGS_ERRORS):
        config = config_of(args.config, args.cfg_options)
        keep = args.quality is None and not args.raw
        with folder_lock(folder):
            for line in make_caches(config, folder, args.scale, None if args.raw else args.quality or 95, keep):
                print(line, flush=True)
    where, config = shlex.quote(str(folder.resolve())), shlex.quote(args.config)
    print(f'{VARIABLE}={where} python tools/train.py {config} reads them.')


if __name__ == '__main__':
    main()

#!/usr/bin/env python
"""Write a trained network as one ONNX file that holds all that is needed to use it.

python tools/export.py configs/sepbn_vanilla_wflw.py work_dirs/sepbn_vanilla_wflw/epoch_500.pth landmarks.onnx
python tools/export.py CHECKPOINT landmarks.onnx
"""

import argparse
from pathlib import Path

from mmsepbn.cli.errors import SETTINGS_ERRORS, readable_errors
from mmsepbn.cli.imports import imports

with imports():
    from mmsepbn.apis.torch_network import carried_config
    from mmsepbn.cli.options import add_cfg_options
    from mmsepbn.cli.output_file import output_file
    from mmsepbn.config_file import read_config
    from mmsepbn.export.export_network import LICENCE, export_network
    from mmsepbn.export.onnx_graph import OPSET
    from mmsepbn.run_settings.merge import merge_options


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        'config', nargs='?', help='config file; its branches are exported; default: the config in the checkpoint'
    )
    parser.add_argument('checkpoint', help='checkpoint: a file, a URL, or a name of docs/zoo.md')
    parser.add_argument('out', type=output_file('.onnx'), help='ONNX file to write')
    parser.add_argument(
        '--fp16',
        action='store_true',
        help='store weights in half precision, which halves the file; refused where landmarks move by more than 0.1 '
        'pixels',
    )
    parser.add_argument('--licence', default=LICENCE, help='licence line in the metadata; default: %(default)r')
    add_cfg_options(parser)
    return parser.parse_intermixed_args()  # options may stand anywhere, though one name is left out


def main() -> None:
    """Export, and say what was seen."""
    args = parse_args()
    config = carried_config(args.checkpoint) if args.config is None else read_config(args.config)
    merge_options(config, args.cfg_options)
    out = Path(args.out)
    print('Exporting, then comparing with the network in torch on faces: about a minute.', flush=True)
    seen = export_network(config, args.checkpoint, out, args.fp16, args.licence)
    weights = 'float16' if args.fp16 else 'float32'
    print(f'{out}: {out.stat().st_size / 1e6:.1f} MB, weights {weights}, opset {OPSET}')
    print(
        f'It predicts the same as the network in torch, to {seen.difference:.2g} image pixels on {seen.faces.source}.'
    )


if __name__ == '__main__':
    with readable_errors(*SETTINGS_ERRORS):
        main()

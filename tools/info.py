#!/usr/bin/env python
"""Print what a network is, what it was trained on, and its results.

python tools/info.py five_protocols
python tools/info.py landmarks.onnx
"""

import argparse
import json
import sys
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

from mmsepbn.apis.load_network import published_file
from mmsepbn.cli.errors import SETTINGS_ERRORS, readable_errors
from mmsepbn.cli.network_report import as_dict, as_text
from mmsepbn.runtime.network import NetworkInfo
from mmsepbn.zoo.resolve import is_zoo_name, network_of


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        'file',
        help='a checkpoint (file or URL; needs torch), an ONNX file of tools/export.py, or a name of docs/zoo.md',
    )
    parser.add_argument('--json', action='store_true', help='all of it as JSON')
    return parser.parse_args()


def known_of(place: str | Path) -> tuple[NetworkInfo | None, dict[str, Any]]:
    """How the network of a file or address is used, and what else is known of it."""
    if str(place).lower().endswith('.onnx'):
        from mmsepbn.runtime import OnnxNetwork

        network = OnnxNetwork(place)
        return network.info, network.about
    import mmsepbn.registry  # noqa: F401  # MMEngine's adapters
    from mmsepbn.export.about import about_checkpoint

    return about_checkpoint(place)


if __name__ == '__main__':
    with readable_errors(*SETTINGS_ERRORS):
        args = parse_args()
        named = is_zoo_name(args.file) and not Path(args.file).is_file()
        place = published_file(args.file) if named else args.file
        with redirect_stdout(sys.stderr):  # where it is said that an address is fetched
            info, about = known_of(place)
        file = Path(place)
        about |= dict(file=dict(name=file.name, size=file.stat().st_size if file.is_file() else None))
        if published := network_of(file):
            about |= dict(results=published.results)
        print(json.dumps(as_dict(info, about), indent=1) if args.json else as_text(info, about))

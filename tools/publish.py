#!/usr/bin/env python
"""Add a trained network to the bundled ones, and render the pages about them.

tools/publish.py configs/cnt_sepbn_mobilenetv2.py work_dirs/cnt_sepbn_mobilenetv2/epoch_500.pth --name five_sets
    --summary 'One sentence.' --data data.md --fails fails.md --results 'annotated boxes=rows.json'
    --test-faces "300w=300W's common test set"
tools/publish.py --render
"""

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mmsepbn.cli.errors import SETTINGS_ERRORS, readable_errors
from mmsepbn.cli.imports import imports

with imports():
    import mmsepbn
    from mmsepbn.checkpoints.last_checkpoint import last_checkpoint
    from mmsepbn.cli.numbers import number
    from mmsepbn.config_file import read_config
    from mmsepbn.datasets.formats.json_file import load_json
    from mmsepbn.datasets.formats.text_file import read_text
    from mmsepbn.experiments.source_version import source_version
    from mmsepbn.export.about import metric_rows
    from mmsepbn.export.publish import Card, publish
    from mmsepbn.export.zoo_page import render_pages
    from mmsepbn.whole_file import write_whole
    from mmsepbn.zoo.index import ZooError, read_index

CLONE = Path(mmsepbn.__file__).resolve().parents[1]
ZOO = 'mmsepbn/zoo'
DATA_LICENCE = 'research use only, like the images they were trained on'


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('config', nargs='?', type=Path, help='config, or folder of a run that contains it')
    parser.add_argument('checkpoint', nargs='?', type=Path, help="checkpoint; default: the run's last one")
    parser.add_argument('--name', help='name of the network')
    parser.add_argument('--summary', help='a sentence that describes the network')
    parser.add_argument('--data', type=Path, help='Markdown file that describes the training data')
    parser.add_argument('--fails', type=Path, help='Markdown file that describes where it fails')
    parser.add_argument(
        '--results',
        action='append',
        default=[],
        metavar='LABEL=FILE',
        help='results written by tools/test.py --out; may be repeated',
    )
    parser.add_argument(
        '--test-faces',
        action='append',
        default=[],
        metavar='SET=TEXT',
        help='which faces a set of the results stands for; may be repeated; default: the name of the set',
    )
    parser.add_argument('--data-licence', default=DATA_LICENCE, help='licence of the weights; default: %(default)r')
    parser.add_argument(
        '--max-mb',
        type=number(float, 0, 1000),
        default=16,
        help='maximum size of its files together in megabytes; default: 16',
    )
    parser.add_argument('--overwrite', action='store_true', help='replace the network of that name')
    parser.add_argument(
        '--allow-changes', action='store_true', help='publish although the working copy differs from its commit'
    )
    parser.add_argument('--root', type=Path, default=CLONE, help="clone to write to; default: the package's")
    parser.add_argument('--render', action='store_true', help='only render the pages')
    args = parser.parse_args()
    needed = ('config', 'name', 'summary', 'data', 'fails', 'results')
    if not args.render and (missing := [name for name in needed if not getattr(args, name)]):
        parser.error(f'these are required, unless --render is given: {", ".join(missing)}.')
    return args


def main() -> None:
    """Publish, or only render."""
    args = parse_args()
    if not (args.root / 'docs').is_dir():
        raise ZooError(f'--root must be a clone of the project, with its folder docs. Got {args.root}.')
    if not args.render:
        add(args)
    for name, text in render_pages(read_index(args.root / ZOO)).items():
        write_whole(args.root / name, text.encode())
        print(f'written: {args.root / name}')


def add(args: argparse.Namespace) -> None:
    """Publish, and say what was written."""
    config, checkpoint = trained(args.config, args.checkpoint)
    card = Card(
        name=args.name,
        summary=args.summary,
        config=name_below_configs(config, args.root),
        results=labelled(args.results),
        data=read_text(args.data),
        fails=read_text(args.fails),
        licences=dict(code='Apache-2.0', data=args.data_licence),
        source=clean_source(args.allow_changes),
        test_faces=described(args.test_faces),
    )
    network = publish(read_config(config), checkpoint, card, args.root / ZOO, int(args.max_mb * 1e6), args.overwrite)
    for file in (network.onnx, network.checkpoint):
        print(f'written: {args.root / ZOO / file.name}, {file.size / 1e6:.2f} MB')
    print(f'It predicts as with float32 weights, to {network.difference:.2g} image pixels on {network.tried_on}.')


def trained(source: Path, checkpoint: str | Path | None) -> tuple[Path, Path]:
    """Config and checkpoint that are meant."""
    if source.is_dir():
        configs = sorted(source.glob('*.py'))
        if len(configs) != 1:
            raise ZooError(f'The folder of a run must hold one config. {source} has {len(configs)}.')
        checkpoint = checkpoint or last_checkpoint(source)
        source = configs[0]
    if checkpoint is None:
        raise ZooError(f'There must be a checkpoint of {source}. Got none.')
    return source, Path(checkpoint)


def name_below_configs(config: Path, root: Path) -> str:
    """``configs/...`` of the config, of which a run's folder has a copy; the file's name where there is none."""
    folder = root.resolve() / 'configs'
    own = config.resolve().is_relative_to(folder)
    found = [config.resolve()] if own else sorted(folder.rglob(config.name))
    if len(found) > 1:
        raise ZooError(f'There are {len(found)} configs {config.name} below {folder}: name the one, not its run.')
    return str(found[0].relative_to(root.resolve())) if found else config.name


def labelled(texts: Sequence[str]) -> dict[str, dict[str, float]]:
    """Label -> rows, of each ``LABEL=FILE``."""
    found: dict[str, dict[str, float]] = {}
    for text in texts:
        label, _, file = text.rpartition('=')
        if not label or label in found:
            raise ZooError(f'--results must be LABEL=FILE with labels that differ. Got {text!r}.')
        found[label] = metric_rows(load_json(Path(file)))
        if not found[label]:
            raise ZooError(f'{file} must hold rows with an NME, as tools/test.py --out writes them. It has none.')
    return found


def described(texts: Sequence[str]) -> dict[str, str]:
    """Set -> which faces it stands for, of each ``SET=TEXT``."""
    found: dict[str, str] = {}
    for text in texts:
        name, _, faces = text.partition('=')
        if not name or not faces or name in found:
            raise ZooError(f'--test-faces must be SET=TEXT with sets that differ. Got {text!r}.')
        found[name] = faces
    return found


def clean_source(allow_changes: bool) -> Mapping[str, Any]:
    """The commit that the files are made with; files of the zoo may have changed."""
    source = source_version(left_out=('zoo/*.json', 'zoo/*.onnx', 'zoo/*.pth'))
    if source['dirty'] and not allow_changes:
        raise ZooError(f'The package differs from commit {source["commit"]}: commit it, or --allow-changes notes that.')
    return source


if __name__ == '__main__':
    with readable_errors(*SETTINGS_ERRORS):
        main()

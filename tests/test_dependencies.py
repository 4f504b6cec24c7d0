"""Imports between packages run one way."""

import ast
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest
from helpers import ROOT

PACKAGE = ROOT / 'mmsepbn'


def room(module: str) -> str:
    """The package or the module of the root that a module is in."""
    return ([*module.split('.'), ''])[1]


def imported(tree: ast.AST) -> Iterator[str]:
    """Modules that a file imports, also within its functions, but not those for types alone."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and 'TYPE_CHECKING' in ast.dump(node.test):
            continue
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [f'{node.module}.{alias.name}' for alias in node.names]
            yield from names if node.module == 'mmsepbn' else [node.module]
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        else:
            yield from imported(node)


def arrows(root: Path) -> dict[str, set[str]]:
    """Room -> the rooms that it imports from."""
    found: dict[str, set[str]] = {}
    for file in root.rglob('*.py'):
        own = room('.'.join(file.relative_to(root.parent).with_suffix('').parts))
        others = {room(name) for name in imported(ast.parse(file.read_text())) if name.split('.')[0] == 'mmsepbn'}
        found.setdefault(own, set()).update(others - {own})
    return found


def test_packages_import_one_way():
    TopologicalSorter(arrows(PACKAGE)).prepare()


def test_only_tools_and_benchmarks_import_the_command_line():
    assert [name for name, others in arrows(PACKAGE).items() if 'cli' in others] == []


@pytest.mark.parametrize('back', ['import mmsepbn.a.y', 'def f():\n    from mmsepbn.a import y'])
def test_a_circle_is_found(back, tmp_path):
    for name, line in {'a': 'from mmsepbn.b import x', 'b': back}.items():
        (tmp_path / 'mmsepbn' / name).mkdir(parents=True)
        (tmp_path / 'mmsepbn' / name / 'x.py').write_text(line)
    with pytest.raises(CycleError):
        TopologicalSorter(arrows(tmp_path / 'mmsepbn')).prepare()

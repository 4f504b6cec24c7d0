"""The tools in an environment that lacks a package end in a line that names it."""

import subprocess
import sys

import pytest
from helpers import ROOT

CODE = """
import runpy, sys
class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.partition('.')[0] == {package!r}:
            raise ModuleNotFoundError(f'No module named {{name!r}}', name=name)
sys.meta_path.insert(0, Missing())
for tool in sys.argv[1:]:
    sys.argv = [tool, 'a.py', 'b.pth', 'c.onnx']
    try:
        runpy.run_path(tool, run_name='__main__')
    except SystemExit as end:
        print(tool.rpartition('/')[2], end)
"""
TOOLS = (
    'analyze',
    'cache_faces',
    'check_data',
    'export',
    'fit_boxes',
    'publish',
    'report',
    'run_table',
    'test',
    'train',
)


@pytest.mark.parametrize('package', ['torch', 'mmengine'])
def test_a_missing_package_is_one_line(package):
    tools = [str(ROOT / 'tools' / f'{name}.py') for name in TOOLS]
    command = [sys.executable, '-c', CODE.format(package=package), *tools]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    lines = [line for line in done.stdout.splitlines() if 'error: ' in line]
    assert lines == [f'{name}.py error: {line}' for name in TOOLS for line in [lines[0].partition('error: ')[2]]]
    assert f'The package {package} is missing. `make env` ' in lines[0]
    assert 'Traceback' not in done.stderr

import os

import pytest
from helpers import ROOT


@pytest.mark.parametrize(
    ('arguments', 'message'),
    [
        (('out', '--train', '-1'), r'generate_faces(count=) must be at least 0. Got -1.'),
        (('out', '--test', '-1', '--train', '0'), r'generate_faces(count=) must be at least 0. Got -1.'),
        (('out', '--size', '5', '--train', '1'), r'(size=) must be at least 32 pixels. Got 5.'),
        (('out', '--workers', '0', '--train', '1'), r'generate_faces(workers=) must be at least 1 or None. Got 0.'),
        (('out', '--seed', '-1', '--train', '1'), r'generate_face(seed=) must be at least 0. Got -1.'),
        (('file/out', '--train', '1', '--workers', '1'), 'file'),
        (('--sheet', 'file/sheet.png'), 'file'),
    ],
)
def test_a_mistake_ends_in_one_line(run_tool, tmp_path, arguments, message):
    (tmp_path / 'file').touch()
    said = run_tool('tools/make_synthetic_faces.py', *arguments, expect=1).splitlines()
    assert said[-2].startswith('error: ')
    assert message in said[-2]
    assert 'Traceback' not in ''.join(said)


def test_it_can_be_run_by_its_name():
    assert os.access(ROOT / 'tools' / 'make_synthetic_faces.py', os.X_OK)

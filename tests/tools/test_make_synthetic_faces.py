import os

import pytest
from helpers import ROOT


@pytest.mark.parametrize(
    ('option', 'least', 'value'),
    [('--train', 0, '-1'), ('--test', 0, '-1'), ('--size', 32, '5'), ('--workers', 1, '0'), ('--seed', 0, '-1')],
)
def test_a_number_that_is_too_low_is_refused_by_the_parser(run_tool, option, least, value):
    said = run_tool('tools/make_synthetic_faces.py', 'out', option, value, expect=2).splitlines()
    assert said[-1].endswith(f'argument {option}: must be a whole number of at least {least}. Got {value}.')
    assert 'Traceback' not in ''.join(said)


def test_a_mistake_ends_in_one_line(run_tool, tmp_path):
    (tmp_path / 'file').touch()
    said = run_tool('tools/make_synthetic_faces.py', 'file/out', '--train', '1', '--workers', '1', expect=1)
    assert said.splitlines()[-2].startswith('error: ')
    assert 'file' in said.splitlines()[-2]
    assert 'Traceback' not in said


def test_a_sheet_is_refused_by_the_parser_where_it_cannot_be_written_and_may_lie_in_a_new_out(run_tool, tmp_path):
    (tmp_path / 'file').touch()
    said = run_tool('tools/make_synthetic_faces.py', '--sheet', 'file/sheet.png', expect=2)
    assert "argument --sheet: cannot be written: 'file/sheet.png'" in said.splitlines()[-1]
    assert 'Traceback' not in said
    run_tool('tools/make_synthetic_faces.py', 'new', '--train', '1', '--size', '64', '--sheet', 'new/more/sheet.png')
    assert (tmp_path / 'new' / 'more' / 'sheet.png').is_file()


@pytest.mark.parametrize('name', ['wflw', 'cofw', 'youtube'])
def test_files_of_others_are_replaced_only_if_asked(run_tool, tmp_path, name):
    """Such as official annotations in $FACES_ROOT."""
    official = tmp_path / 'out' / 'COFW_train_color.mat'
    official.parent.mkdir()
    official.write_text('official')
    if name == 'youtube':
        command = ('tools/prepare_youtube_faces.py', 'clone', 'out')
    else:
        command = ('tools/make_synthetic_faces.py', 'out', '--set', name, '--train', '1', '--test', '0', '--size', '64')
    said = run_tool(*command, expect=1)
    assert "error: OUT must be a new or empty folder; --overwrite replaces files of the same names. Got 'out'" in said
    assert official.read_text() == 'official'
    if name == 'cofw':
        run_tool(*command, '--overwrite', '--workers', '1')
        assert official.stat().st_size > 1000


def test_it_can_be_run_by_its_name():
    assert os.access(ROOT / 'tools' / 'make_synthetic_faces.py', os.X_OK)

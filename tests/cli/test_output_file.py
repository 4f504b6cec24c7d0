import argparse
import subprocess
import sys
from pathlib import Path

import pytest

from mmsepbn.cli.output_file import image_output, output_file, output_folder


def test_a_wrong_suffix_is_refused():
    for name in ('rows.txt', 'rows', 'rows.json.gz'):
        with pytest.raises(argparse.ArgumentTypeError, match=f"must end in .json or .yaml. Got '{name}'"):
            output_file('.json', '.yaml')(name)


def test_what_can_be_written_is_taken_and_left_as_it_was(tmp_path):
    old = tmp_path / 'old.json'
    old.write_text('old')
    for path in (old, tmp_path / 'new.json', tmp_path / 'made' / 'on' / 'the way.json'):
        assert output_file('.json')(str(path)) == str(path)
    assert old.read_text() == 'old'
    assert sorted(path.name for path in tmp_path.rglob('*')) == ['made', 'old.json', 'on']


def test_where_nothing_can_be_written_is_refused(tmp_path):
    (tmp_path / 'file').touch()
    with pytest.raises(argparse.ArgumentTypeError, match=r'cannot be written: .*rows\.json'):
        output_file('.json')(str(tmp_path / 'file' / 'rows.json'))
    with pytest.raises(argparse.ArgumentTypeError, match='cannot be written'):
        output_file('.json')('/proc/rows.json')  # not even root may
    (tmp_path / 'folder.json').mkdir()
    with pytest.raises(argparse.ArgumentTypeError, match=r'must be a file\. Got the folder'):
        output_file('.json')(str(tmp_path / 'folder.json'))


def test_a_file_is_no_folder(tmp_path):
    (tmp_path / 'file').touch()
    with pytest.raises(argparse.ArgumentTypeError, match=r'must be a folder\. Got the file'):
        output_folder(str(tmp_path / 'file'))
    assert output_folder('images') == 'images'


def test_a_folder_that_a_failed_command_made_and_left_empty_is_removed(tmp_path):
    (tmp_path / 'there').mkdir()
    code = "from mmsepbn.cli.output_file import output_file as f; [f('.x')(n + 'a.x') for n in {names}]; {work}"
    for names, work, left in (
        (('new/deep/', 'there/'), '1 / 0', ['there']),
        (('new/deep/', 'new/other/'), "open('new/deep/a.x', 'w')", ['new', 'new/deep', 'new/deep/a.x', 'there']),
    ):
        subprocess.run([sys.executable, '-c', code.format(names=names, work=work)], cwd=tmp_path, capture_output=True)
        assert sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob('*')) == left


def test_names_that_are_no_images_are_refused_by_the_parser(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    parser = argparse.ArgumentParser()
    parser.add_argument('--sheet', type=image_output)
    assert parser.parse_args(['--sheet', 'a/b.png']).sheet == 'a/b.png'
    for name in ('sheet', 'sheet.txt'):
        with pytest.raises(SystemExit):
            parser.parse_args(['--sheet', name])
        message = f'argument --sheet: must have an image suffix, such as .png. Got {name!r}.'
        assert message in capsys.readouterr().err
    Path('file').touch()
    with pytest.raises(SystemExit):
        parser.parse_args(['--sheet', 'file/b.png'])
    assert "argument --sheet: cannot be written: 'file/b.png': File exists." in capsys.readouterr().err

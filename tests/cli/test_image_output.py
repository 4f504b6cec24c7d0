"""Images named on the command line."""

import argparse
from pathlib import Path

import pytest

from mmsepbn.cli.image_output import image_output


def test_names_that_are_no_images_are_refused_by_the_parser(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    parser = argparse.ArgumentParser()
    parser.add_argument('--sheet', type=image_output)
    assert parser.parse_args(['--sheet', 'a/b.png']).sheet.name == 'b.png'
    for name in ('sheet', 'sheet.txt'):
        with pytest.raises(SystemExit):
            parser.parse_args(['--sheet', name])
        message = f'argument --sheet: must have an image suffix, such as .png. Got {name!r}.'
        assert message in capsys.readouterr().err
    Path('file').touch()
    with pytest.raises(SystemExit):
        parser.parse_args(['--sheet', 'file/b.png'])
    assert "argument --sheet: cannot be written: 'file/b.png': File exists." in capsys.readouterr().err

"""Images named on the command line."""

import argparse

import pytest

from mmsepbn.cli.image_output import image_output


def test_names_that_are_no_images_are_refused_by_the_parser(capsys):
    parser = argparse.ArgumentParser()
    parser.add_argument('--sheet', type=image_output)
    assert parser.parse_args(['--sheet', 'a/b.png']).sheet.name == 'b.png'
    for name in ('sheet', 'sheet.txt'):
        with pytest.raises(SystemExit):
            parser.parse_args(['--sheet', name])
        message = f'argument --sheet: must have an image suffix, such as .png. Got {name!r}.'
        assert message in capsys.readouterr().err

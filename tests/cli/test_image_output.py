"""Images named on the command line."""

import argparse

import cv2
import numpy as np
import pytest

from mmsepbn.cli.image_output import image_output, write_image


def test_names_that_are_no_images_are_refused_by_the_parser(capsys):
    parser = argparse.ArgumentParser()
    parser.add_argument('--sheet', type=image_output)
    assert parser.parse_args(['--sheet', 'a/b.png']).sheet.name == 'b.png'
    for name in ('sheet', 'sheet.txt'):
        with pytest.raises(SystemExit):
            parser.parse_args(['--sheet', name])
        message = f'argument --sheet: must end as an image does, such as .png. Got {name!r}.'
        assert message in capsys.readouterr().err


def test_an_image_is_written_into_a_new_folder_or_an_error_names_it(tmp_path):
    image = np.arange(60, dtype=np.uint8).reshape(4, 5, 3)
    write_image(tmp_path / 'new' / 'a.png', image)
    assert np.array_equal(cv2.imread(str(tmp_path / 'new' / 'a.png')), image)
    (tmp_path / 'b.png').mkdir()
    with pytest.raises(OSError, match=r'b\.png cannot be written'):
        write_image(tmp_path / 'b.png', image)

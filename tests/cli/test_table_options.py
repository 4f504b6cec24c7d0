import argparse

import pytest

from mmsepbn.cli.table_options import add_table_options


def parse(*words):
    parser = argparse.ArgumentParser()
    add_table_options(parser, seeds=3)
    return parser.parse_args(words)


def test_the_default_of_seeds_is_the_tools():
    assert (parse().seeds, parse('--seeds', '5', '--rows', 'BN', 'SepBN').rows) == (3, ['BN', 'SepBN'])


@pytest.mark.parametrize('name', ['--seeds', '--jobs', '--threads'])
@pytest.mark.parametrize('value', ['0', '-1', 'two', '1.5'])
def test_counts_below_one_are_named(name, value, capsys):
    with pytest.raises(SystemExit):
        parse(name, value)
    assert f'argument {name}: must be a whole number of at least 1. Got {value}.' in capsys.readouterr().err

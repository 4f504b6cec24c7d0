import argparse

import pytest

from mmsepbn.cli.numbers import number


@pytest.mark.parametrize(
    ('kind', 'text', 'value'),
    [
        (number(int, 1), '1', 1),
        (number(int, 1), '100000000000000000000', 10**20),
        (number(int, 0, 3), '0', 0),
        (number(int, 0, 3), '3', 3),
        (number(float, 1, 16), '1', 1.0),
        (number(float, 1, 16), '1.25', 1.25),
        (number(float, 1, 16), '1.6e1', 16.0),
    ],
)
def test_a_number_within_its_ends_is_one_of_its_kind(kind, text, value):
    found = kind(text)
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    ('kind', 'wanted', 'texts'),
    [
        (number(int, 1), 'a whole number of at least 1', ('0', '-1', '1.5', 'two', '', 'nan', 'inf')),
        (number(int, 0, 3), 'a whole number in [0, 3]', ('-1', '4', '2.0', 'x')),
        (number(float, 1, 16), 'a number in [1, 16]', ('0.999', '16.001', '-inf', 'inf', 'nan', 'abc', '')),
    ],
)
def test_others_are_refused_with_what_is_wanted(kind, wanted, texts):
    for text in texts:
        with pytest.raises(argparse.ArgumentTypeError) as error:
            kind(text)
        assert str(error.value) == f'must be {wanted}. Got {text}.'


@pytest.mark.parametrize('value', ['0', '-1', 'x'])
@pytest.mark.parametrize(
    ('arguments', 'option'),
    [
        (('tools/analyze.py', 'routes', 'a.py', 'a.pth', '--out', 'a'), '--batches'),
        (('tools/fit_boxes.py', 'a.py'), '--most'),
    ],
)
def test_tools_name_a_count_below_one(run_tool, arguments, option, value):
    said = run_tool(*arguments, option, value, expect=2)
    assert f'argument {option}: must be a whole number of at least 1. Got {value}.' in said


@pytest.mark.parametrize('value', ['-5', 'nan', 'x'])
@pytest.mark.parametrize(
    ('arguments', 'option', 'wanted'),
    [
        (('tools/check_data.py', 'a.py'), '--timeout', 'of at least 1'),
        (('tools/fit_boxes.py', 'a.py'), '--tolerance', 'of at least 0'),
        (('tools/fit_boxes.py', 'a.py'), '--min-size', 'of at least 0'),
        (('tools/publish.py',), '--max-mb', 'in [0, 1000]'),
    ],
)
def test_tools_name_a_number_that_cannot_be(run_tool, arguments, option, wanted, value):
    said = run_tool(*arguments, option, value, expect=2)
    assert f'argument {option}: must be a number {wanted}. Got {value}.' in said

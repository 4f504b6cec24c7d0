import pytest
from helpers import ROOT
from mmengine.config import Config

from mmsepbn.checkpoints.plain_config import is_plain_config, why_not_plain


@pytest.mark.parametrize('name', ['sepbn_resnext50_wflw', 'cnt_sepbn_resnext50'])
def test_a_config_of_plain_values_stays(name):
    text = Config.fromfile(ROOT / 'configs' / f'{name}.py').pretty_text
    assert is_plain_config(text)
    assert Config.fromstring(text, '.py').model.backbone.positions == (3,)


@pytest.mark.parametrize(
    'text',
    [
        'import os',
        'a = open("x")',
        'a = dict(b=[eval("1")])',
        'a = dict(**{"b": 1})',
        'a = dict([open("x")])',
        'a = dict({"300w": open("x")})',
        'a = dict({open("x"): 1})',
        'a = dict({}, {})',
        'a = dict("x")',
        'dict = print\na = dict(b=1)',
        "a = '{{ $HOME:x }}'",
        "_base_ = 'other.py'",
        "custom_imports = dict(imports=['this'])",
        "custom_imports = dict(imports=['mmsepbn_evil'])",
        "custom_imports = dict(imports='mmsepbn-evil')",
        "a = custom_imports = {'imports': 'this'}",
        'a = [x for x in ()]',
        'a.b = 1',
        'a = f"{open}"',
        'a = (lambda: 1)',
        'a = (',
        'a = ' + '(' * 10000,
        None,
    ],
)
def test_a_config_that_does_more_than_assign_values_is_left_out(text):
    assert not is_plain_config(text)


@pytest.mark.parametrize(
    ('text', 'reason'),
    [
        ("custom_imports = dict(imports=['mmsepbn.registry', 'my_faces', 'mine.too'])", 'imports my_faces, mine.too'),
        ("a = 1\ncustom_imports = {'imports': 'my_faces'}\nb = open('x')", 'imports my_faces'),
        ("custom_imports = dict(imports=['mmsepbn.registry'])\na = open('x')", 'is not made of plain values alone'),
        ('a = (', 'is not made of plain values alone'),
        (None, 'is not made of plain values alone'),
    ],
)
def test_why_a_config_is_left_out(text, reason):
    assert not is_plain_config(text)
    assert why_not_plain(text) == reason

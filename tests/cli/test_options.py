import argparse

import pytest
from mmengine.registry import DefaultScope

from mmsepbn.cli.options import add_cfg_options, config_of


def parsed(*arguments):
    parser = argparse.ArgumentParser()
    add_cfg_options(parser)
    return parser.parse_args(['--cfg-options', *arguments]).cfg_options


def test_the_config_of_a_file_has_the_options_and_its_scope_is_the_current_one(tmp_path):
    (tmp_path / 'own.py').write_text("default_scope = 'mmpose'\ntrain_cfg = dict(max_epochs=5)")
    with DefaultScope.overwrite_default_scope('mmdet'):  # which puts the scope of other tests back
        assert config_of(tmp_path / 'own.py', {'train_cfg.max_epochs': 1}).train_cfg == dict(max_epochs=1)
        assert DefaultScope.get_current_instance().scope_name == 'mmpose'


def test_no_option_is_an_empty_dict():
    parser = argparse.ArgumentParser()
    add_cfg_options(parser)
    assert parser.parse_args([]).cfg_options == {}


def test_values_are_read_as_mmengine_does():
    options = parsed('a.b=1', 'c=1e-3', 'd=True', 'e=None', 'f=x,y', 'g=[(1,2),3]', 'h="text"', 'i==')
    assert options == {
        'a.b': 1,
        'c': 1e-3,
        'd': True,
        'e': None,
        'f': ['x', 'y'],
        'g': [(1, 2), 3],
        'h': 'text',
        'i': '=',
    }


def test_a_text_keeps_its_spaces():
    assert parsed('root=/my faces/WFLW') == dict(root='/my faces/WFLW')


@pytest.mark.parametrize(
    'value',
    ["[dict(type='mmsepbn.CompileHook')]", "dict(type='A')", "[{'type':'A'}]", '{"a": 1, "b": 2}', '"dict(a=1)"'],
)
def test_a_dict_is_refused(value, capsys):
    with pytest.raises(SystemExit):
        parsed(f'custom_hooks={value}')
    assert 'a dict cannot be given here; set it in a config file, or its entries by' in capsys.readouterr().err


def test_a_text_may_have_braces():
    texts = dict(a='{}.pth', b='epoch_{}.pth', c='{:03d}.pth', d='/predict(1).pth')
    assert parsed(*(f'{key}={text}' for key, text in texts.items())) == texts


@pytest.mark.parametrize('argument', ['epochs', '=3', 'a..b=3', 'a=[1,(2]'])
def test_what_is_no_option_ends_in_the_usage(argument, capsys):
    with pytest.raises(SystemExit):
        parsed(argument)
    assert repr(argument) in capsys.readouterr().err

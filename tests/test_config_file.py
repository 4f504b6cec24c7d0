"""Mistakes in config files end in one line that names file and line."""

import pytest
from helpers import ROOT
from mmengine.config import Config
from mmengine.registry import DefaultScope

from mmsepbn.config_file import config_name, read_config, use_scope
from mmsepbn.option_error import OptionError

OPEN_BRACKET = 'a = 1\nb = (\n'
NO_NAME = 'a = 1\n\nb = unknown_name\n'
NEW_STYLE = 'from mmengine.config import read_base\nwith read_base():\n    from .base import *\n'


@pytest.mark.parametrize(
    ('files', 'message'),
    [
        ({'main.py': OPEN_BRACKET}, r'main\.py:2: .*SyntaxError'),
        ({'main.py': "_base_ = 'base.py'", 'base.py': OPEN_BRACKET}, r'base\.py:2: .*SyntaxError'),
        ({'main.py': NEW_STYLE, 'base.py': OPEN_BRACKET}, r'base\.py:2: .*SyntaxError'),
        ({'main.py': NO_NAME}, r'main\.py:3: .*unknown_name'),
        ({'main.py': "_base_ = 'base.py'", 'base.py': NO_NAME}, r'base\.py:3: .*unknown_name'),
        ({'main.py': NEW_STYLE, 'base.py': NO_NAME}, r'base\.py:3: .*unknown_name'),
        ({'main.py': "_base_ = 'gone.py'"}, r'gone\.py: .*No such file'),
        ({'main.py': "_base_ = 'main.py'"}, r'main\.py: .*RecursionError'),
        ({'main.py': "custom_imports = dict(imports=['not_there'])"}, r"main\.py: .*No module named 'not_there' "),
        ({'main.py': 'from not_there.x import Y\na = dict(b=[dict(type=Y)])'}, r'main\.py: .*not_there'),
        ({'main.py': 'from mmsepbn.datasets import Yarn\na = dict(type=Yarn)'}, r'main\.py: .*Yarn'),
        ({'main.txt': 'a'}, r'main\.txt: .*py/yml/yaml/json'),
        ({'main.json': '[1]'}, r'main\.json: '),
        ({'main.yaml': 'a: [1'}, r'main\.yaml: '),
        ({'main.py': b'\xff\xfe'}, r'main\.py: .*UnicodeDecodeError'),
        ({'main.py': "base = 'x.py'\nrows = {}"}, r'main\.py is a table of runs, not a config'),
        ({}, r'There is no config file .*main\.py'),
    ],
)
def test_mistakes(files, message, tmp_path):
    for name, text in files.items():
        (tmp_path / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(OptionError, match=message) as caught:
        read_config(tmp_path / next(iter(files), 'main.py'))
    assert '\n' not in str(caught.value)


@pytest.mark.parametrize(
    'main', ["custom_imports = dict(imports=['{}'])", 'from {} import X\na = dict(type=X)', "a = __import__('{}').X"]
)
@pytest.mark.parametrize(
    ('text', 'line', 'message'),
    [
        ("X = int('a')\n", 1, 'invalid literal for int'),
        ("import mmsepbn\n\nX = mmsepbn.config_path('gone.py')\n", 3, 'FileNotFoundError: '),
        ('X = int\n\nimport not_there\n', 3, "No module named 'not_there'"),
        ('X = int\nb = (\n', 2, 'SyntaxError: '),
    ],
)
def test_a_module_of_the_user_that_cannot_be_imported_is_named(main, text, line, message, tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    module = f'faces_{abs(hash((main, text)))}'  # no module of another test
    (tmp_path / f'{module}.py').write_text(text)
    (tmp_path / 'main.py').write_text(main.format(module))
    with pytest.raises(OptionError) as caught:
        read_config(tmp_path / 'main.py')
    said = str(caught.value)
    assert said.startswith(f'{tmp_path}/{module}.py:{line}: cannot be imported by {tmp_path}/main.py: ')
    assert message in said
    assert '\n' not in said


@pytest.mark.parametrize(
    ('settings', 'scope'),
    [(dict(default_scope='mmpose'), 'mmpose'), ({}, 'mmengine'), (dict(default_scope=None), 'mmengine')],
)
def test_the_scope_is_the_one_that_a_runner_takes(settings, scope):
    with DefaultScope.overwrite_default_scope('mmdet'):  # which puts the scope of other tests back
        use_scope(Config(settings))
        assert DefaultScope.get_current_instance().scope_name == scope


def test_a_folder_is_no_config(tmp_path):
    with pytest.raises(OptionError, match='There is no config file'):
        read_config(tmp_path)


def test_a_config_of_each_style(tmp_path):
    (tmp_path / 'base.py').write_text('a = dict(b=1)')
    (tmp_path / 'old.py').write_text("_base_ = 'base.py'\na = dict(c=2)")
    (tmp_path / 'new.py').write_text(NEW_STYLE + 'from pathlib import Path\na.update(c=Path)')
    assert read_config(tmp_path / 'old.py').a == dict(b=1, c=2)
    assert read_config(tmp_path / 'new.py').a.c.__name__ == 'Path'


def test_a_table_is_none_and_the_command_that_runs_it_is_named():
    for name in ('configs/ablations/routes.py', 'benchmarks/method/tables/real_small.py'):
        with pytest.raises(OptionError) as caught:
            read_config(ROOT / name)
        path = ROOT / name
        assert str(caught.value) == f'{path} is a table of runs, not a config: run tools/run_table.py {path}'


@pytest.mark.parametrize(
    ('config', 'expected'),
    [
        ('configs/sepbn_vanilla_wflw.py', 'sepbn_vanilla_wflw'),
        ('configs/demo/bn_vanilla_wflw.py', 'demo/bn_vanilla_wflw'),
        ('./configs/../configs/demo/v1.2.py', 'demo/v1.2'),
        ('/home/configs/me/configs/a/b.yaml', 'a/b'),
        ('mine/a.py', 'a'),
        ('/tmp/configs', 'configs'),
        ('my_configs/a.py', 'a'),
    ],
)
def test_names_by_hand(config, expected, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert config_name(config) == expected


def test_a_config_has_one_name_wherever_the_command_runs(monkeypatch):
    monkeypatch.chdir(ROOT / 'configs')
    assert config_name('demo/bn_vanilla_wflw.py') == 'demo/bn_vanilla_wflw'
    assert config_name('bn_vanilla_wflw.py') == 'bn_vanilla_wflw'


def test_no_two_configs_share_a_name():
    configs = [path for path in (ROOT / 'configs').rglob('*.py') if '_base_' not in path.parts]
    assert len({config_name(path) for path in configs}) == len(configs)

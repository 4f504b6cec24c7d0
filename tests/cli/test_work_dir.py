from pathlib import Path

import pytest
from helpers import ROOT

from mmsepbn.cli.work_dir import default_work_dir


@pytest.mark.parametrize(
    ('config', 'expected'),
    [
        ('configs/sepbn_vanilla_wflw.py', 'work_dirs/sepbn_vanilla_wflw'),
        ('configs/demo/bn_vanilla_wflw.py', 'work_dirs/demo/bn_vanilla_wflw'),
        ('./configs/../configs/demo/v1.2.py', 'work_dirs/demo/v1.2'),
        ('/home/configs/me/configs/a/b.yaml', 'work_dirs/a/b'),
        ('mine/a.py', 'work_dirs/a'),
        ('/tmp/configs', 'work_dirs/configs'),
        ('my_configs/a.py', 'work_dirs/a'),
    ],
)
def test_by_hand(config, expected, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert default_work_dir(config) == Path(expected)


def test_a_config_has_one_folder_wherever_the_command_runs(monkeypatch):
    monkeypatch.chdir(ROOT / 'configs')
    assert default_work_dir('demo/bn_vanilla_wflw.py') == Path('work_dirs/demo/bn_vanilla_wflw')
    assert default_work_dir('bn_vanilla_wflw.py') == Path('work_dirs/bn_vanilla_wflw')


def test_no_two_configs_share_a_folder():
    configs = [path for path in (ROOT / 'configs').rglob('*.py') if '_base_' not in path.parts]
    assert len({default_work_dir(path) for path in configs}) == len(configs)

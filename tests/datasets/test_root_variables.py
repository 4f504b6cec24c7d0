"""Against what the configs read."""

import pytest
from helpers import ROOT
from mmengine.config import Config

from mmsepbn.datasets import WFLWDataset
from mmsepbn.datasets.annotation import AnnotationError
from mmsepbn.datasets.root_variables import ALL_SETS, ONE_SET, ROOT_VARIABLES


@pytest.mark.parametrize('variable', ROOT_VARIABLES)
def test_the_configs_take_the_roots_from_these_variables(monkeypatch, variable):
    for name in ROOT_VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv(variable, '/some/where')
    sets = Config.fromfile(ROOT / 'configs' / '_base_' / 'datasets' / 'sets.py')
    moved = {
        value.type.removeprefix('mmsepbn.')
        for name, value in sets.items()
        if name.endswith('_train') and value.data_root.startswith('/some/where')
    }
    assert moved == ({*ONE_SET} if variable == ALL_SETS else {name for name in ONE_SET if ONE_SET[name] == variable})


def test_a_list_that_is_missing_is_named_with_what_moves_it(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    settings = dict(ann_file='test.txt', data_root='data/WFLW')
    with pytest.raises(AnnotationError) as error:
        WFLWDataset(**settings)
    assert str(error.value) == (
        f"WFLWDataset: the annotation file {tmp_path}/data/WFLW/test.txt does not exist (data_root='data/WFLW'). "
        "This package's configs take data_root from WFLW_ROOT or FACES_ROOT in the environment."
    )

    class OwnDataset(WFLWDataset):
        """A user's, which no variable moves."""

    with pytest.raises(AnnotationError, match=r"\(data_root='data/WFLW'\)\.$"):
        OwnDataset(**settings)

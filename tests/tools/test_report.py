"""tools/report.py on runs whose predictions are the truth and some noise."""

import json
import runpy
import sys
from contextlib import nullcontext

import numpy as np
import pytest
from helpers import ROOT
from mmengine.config import Config
from mmengine.registry import init_default_scope

from mmsepbn.datasets.walk import face_datasets
from mmsepbn.evaluation.face_result import FaceResult
from mmsepbn.evaluation.functional import normalized_mean_error
from mmsepbn.evaluation.per_face import read_csv, write_csv
from mmsepbn.evaluation.predictions import FacePrediction, write_predictions
from mmsepbn.protocols import get_protocol
from mmsepbn.registry import DATASETS

TINY = ROOT / 'tests' / 'data' / 'tiny_sepbn_wflw.py'
OPTIONS = {f'{part}_dataloader.dataset.datasets.aflw.num_train': 8 for part in ('train', 'val', 'test')}
OPTIONS['train_dataloader.dataset.datasets.wider_face.min_size'] = 10


@pytest.fixture
def report(synthetic_faces, monkeypatch, tmp_path, capsys):
    """Run the tool in an empty folder; returns what it printed."""
    monkeypatch.setenv('FACES_ROOT', str(synthetic_faces))
    monkeypatch.chdir(tmp_path)

    def run(*arguments):
        monkeypatch.setattr(sys, 'argv', ['report.py', *map(str, arguments)])
        runpy.run_path(str(ROOT / 'tools' / 'report.py'), run_name='__main__')
        return capsys.readouterr().out

    return run


def write_run(folder, config, noise, **options):
    """What tools/test.py would write of a network that misses each landmark by ``noise`` pixels."""
    cfg = Config.fromfile(config)
    cfg.merge_from_dict(options)
    init_default_scope('mmpose')
    results, predictions = [], []
    for dataset in face_datasets(DATASETS.build(cfg.test_dataloader.dataset)):
        for index in range(len(dataset)):
            info = dataset.get_data_info(index)
            truth, seen = info['keypoints'], info['keypoints_visible']
            length = get_protocol(info['protocol']).normalizers(truth, info['bbox'])
            found = truth + noise * np.array([0.6, 0.8])
            error = normalized_mean_error(found, truth, length, seen)[0]
            name = info['dataset_name'], info['protocol'], info['id'], info['img_path']
            results.append(FaceResult(*name, info['subsets'], length[0], error))
            predictions.append(FacePrediction(name[0], name[2], name[3], found[0], truth[0], seen[0]))
    write_csv(folder / 'per_face.csv', results)
    write_predictions(folder / 'predictions.npz', predictions)


def test_one_test_set_gives_one_table(report, tmp_path):
    write_run(tmp_path / 'a', TINY, noise=3)
    write_run(tmp_path / 'b', TINY, noise=1)
    output = report(TINY, 'BN=a', 'SepBN=b', '--out', 'report', '--title', 'Tiny')
    lines = (tmp_path / 'report' / 'results.md').read_text().splitlines()
    assert lines[0] == 'Tiny'
    assert lines[2].startswith('| test set | NME % mean face | NME % BN | NME % SepBN |')
    name, floor, *means = (cell.strip() for cell in lines[4].strip('|').split('|')[:4])
    assert name == 'wflw'
    assert float(floor) > 5
    assert means == [f'{100 * np.mean([f.nme for f in read_csv(tmp_path / run / "per_face.csv")]):.2f}' for run in 'ab']
    assert sorted(path.name for path in (tmp_path / 'report').iterdir()) == ['ced.png', 'predictions.png', 'results.md']
    assert 'Tiny' in output


def test_results_out_of_their_range_end_in_failure(report, tmp_path):
    write_run(tmp_path / 'a', TINY, noise=3)
    expected = {'wflw/NME': {'mean face': [5, 60], 'BN': [0, 60]}}
    for limits, message in (([0, 60], None), ([0, 0.1], r'^error: wflw/NME of BN must lie between 0 and 0.1. Got \d')):
        expected['wflw/NME']['BN'] = limits
        (tmp_path / 'expected.json').write_text(json.dumps(expected))
        with pytest.raises(SystemExit, match=message) if message else nullcontext():
            report(TINY, 'BN=a', '--out', 'report', '--expected', 'expected.json')
    assert (tmp_path / 'report' / 'results.md').is_file()


@pytest.mark.slow
def test_stage_1_gives_a_table_for_each_set(report, tmp_path):
    config = ROOT / 'configs' / 'demo' / 'cnt_sepbn_vanilla.py'
    write_run(tmp_path / 'a', config, noise=3, **OPTIONS)
    report(config, 'CNT=a', '--out', 'r', '--cfg-options', *(f'{key}={value}' for key, value in OPTIONS.items()))
    text = (tmp_path / 'r' / 'results.md').read_text()
    sets = [line.split('|')[1].strip() for line in text.splitlines() if '/' not in line and line.startswith('| ')]
    sets = [name for name in sets if name not in ('test set', '---')]
    assert sorted(sets) == ['300w', 'aflw', 'cofw', 'wflw']
    assert {path.name for path in (tmp_path / 'r').iterdir()} == {
        'results.md',
        *(f'{kind}_{name}.png' for name in sets for kind in ('ced', 'predictions')),
    }


@pytest.mark.slow
def test_runs_on_other_faces_end_in_a_line_that_names_them(report, tmp_path):
    write_run(tmp_path / 'six', TINY, noise=1)
    write_run(tmp_path / 'three', TINY, noise=1, **{'test_dataloader.dataset.indices': 3})
    for runs in (('six=six', 'three=three'), ('three=three', 'six=six')):
        with pytest.raises(SystemExit, match=r'error: three: .*It lacks 1 and has 0 others:\s+without face 3 of wflw'):
            report(TINY, *runs, '--out', 'report')
    assert not (tmp_path / 'report').exists()
    report(TINY, 'three=three', '--out', 'report', '--cfg-options', 'test_dataloader.dataset.indices=3')


@pytest.mark.parametrize('runs', [['BN='], ['=a'], ['BN=a', 'BN=b'], ['mean face=a']])
def test_runs_need_names_of_their_own(report, capsys, runs):
    with pytest.raises(SystemExit, match='2'):
        report(TINY, *runs, '--out', 'report')
    assert "every run must be NAME=FOLDER of another name, none 'mean face'. Got" in capsys.readouterr().err


def test_a_run_without_a_name_is_named(report, capsys):
    with pytest.raises(SystemExit, match='2'):
        report(TINY, 'BN=a', 'b', '--out', 'report')
    assert "every run must be NAME=FOLDER. 'b' has no NAME=." in capsys.readouterr().err


def test_damaged_and_missing_files_end_in_a_line(report, tmp_path):
    write_run(tmp_path / 'a', TINY, noise=1)
    (tmp_path / 'a' / 'predictions.npz').write_bytes(b'no')
    with pytest.raises(SystemExit, match=r'error: a/predictions.npz holds no predictions: File is not a zip file'):
        report(TINY, 'BN=a', '--out', 'report')
    (tmp_path / 'a' / 'per_face.csv').unlink()
    with pytest.raises(SystemExit, match=r'error: BN: the folder a has no per_face.csv'):
        report(TINY, 'BN=a', '--out', 'report')


@pytest.mark.parametrize(
    ('option', 'message'),
    [
        ('train_dataloader=None', 'The config must have a train_dataloader. Got None.'),
        ('test_dataloader.dataset.type=Nope', 'Nope is not in the .*dataset registry'),
    ],
)
def test_a_wrong_setting_ends_in_a_line(report, option, message):
    with pytest.raises(SystemExit, match=f'^error: .*{message}'):
        report(TINY, 'a=a', '--out', 'report', '--cfg-options', option)

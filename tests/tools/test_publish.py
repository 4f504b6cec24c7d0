"""tools/publish.py: from a checkpoint to the files of the zoo, which predict as the network does."""

import json
import os
import re
import runpy
import shutil
import sys

import numpy as np
import pytest
import torch
from helpers import ROOT
from mmengine.config import Config
from tiny_landmarker import write_network

from mmsepbn.apis import FaceLandmarker
from mmsepbn.apis.load_model import load_model
from mmsepbn.apis.prediction_settings import store
from mmsepbn.apis.torch_network import TorchNetwork
from mmsepbn.checkpoints.file import load_from_local
from mmsepbn.experiments import source_version
from mmsepbn.export.about import about_checkpoint
from mmsepbn.export.publish import Card
from mmsepbn.export.zoo_page import render_pages
from mmsepbn.fitted.box_map import BoxMap
from mmsepbn.fitted.calibration import Calibration
from mmsepbn.runtime import OnnxNetwork
from mmsepbn.zoo import index
from mmsepbn.zoo.index import ZooError, read_index

pytest.importorskip('onnxscript')
pytest.importorskip('onnxruntime')

MAPS = {'mtcnn': BoxMap(0.0, 0.1, 0.8), 'haar': BoxMap(0.01, 0.2, 0.9), 'mtcnn/wflw': BoxMap()}
CALIBRATION = Calibration(0.02, 3.0, 0.08)
ROWS = {'wflw/NME': 4.5, 'wflw/pose/NME': 7.5}
COMMIT = '805af0d37223c0314a8770eb18e6f62d797db248'


def tool(*arguments):
    """Run tools/publish.py in this process; returns what it ends with."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, 'argv', ['publish.py', *map(str, arguments)])
        try:
            runpy.run_path(str(ROOT / 'tools' / 'publish.py'), run_name='__main__')
        except SystemExit as end:
            return str(end.code)
    return None


@pytest.fixture(scope='module')
def clone(tmp_path_factory):
    """The folders of a clone that are written, a config, a checkpoint of its training, and what else is asked for."""
    root = tmp_path_factory.mktemp('clone')
    for name in ('docs', 'configs', 'run'):
        (root / name).mkdir()
    config, checkpoint = write_network(root / 'configs', more="load_from = '/home/me/stage_1.pth'")
    meta = dict(epoch=3, iter=30, seed=5, time='20261126_072932', mmengine_version=f'0.10.7{COMMIT}')
    meta['cfg'] = Config.fromfile(config).pretty_text
    content = dict(meta=meta, optimizer=dict(state={0: torch.ones(3)}), **torch.load(checkpoint))
    checkpoint.unlink()
    torch.save(content, root / 'run' / 'epoch_3.pth')
    shutil.copy(config, root / 'run')
    store(root / 'run' / 'epoch_3.pth', MAPS, CALIBRATION)
    (root / 'rows.json').write_text(json.dumps(ROWS | {'note': 'no number', 'wflw/lr': float('nan')}))
    (root / 'data.md').write_text('Drawn faces.\n')
    (root / 'fails.md').write_text('Where it is dark.\n')
    return root


def options(root, *more, name='tiny'):
    texts = ('--summary', 'A tiny one.', '--data', root / 'data.md', '--fails', root / 'fails.md')
    return ('--root', root, '--name', name, *texts, '--results', f'all=faces={root / "rows.json"}', *more)


@pytest.fixture(scope='module')
def published(clone):
    """The index after the network was published from the folder of its run."""
    checkpoint = clone / 'run' / 'epoch_3.pth'
    more = ('--allow-changes', '--test-faces', 'wflw/pose=50 faces = all', '--test-faces', 'wflw=some')
    assert tool(clone / 'run', checkpoint, *options(clone, *more)) is None
    return read_index(clone / 'mmsepbn' / 'zoo')


def file_of(clone, file):
    return clone / 'mmsepbn' / 'zoo' / file.name


@pytest.mark.slow
def test_the_index_and_pages_say_what_was_published(clone, published):
    (network,) = published
    assert (network.name, network.summary, network.config) == ('tiny', 'A tiny one.', 'configs/tiny.py')
    assert (network.protocols, network.input_size, network.box_maps) == (('300w', 'wflw', 'cofw'), (128, 128), MAPS)
    assert network.training == dict(
        **dict(sets=['300w', 'wflw', 'cofw'], epochs=3, iterations=30, seed=5, started_from='stage_1.pth'),
        **dict(date='2026-11-26 07:29:32', mmengine='0.10.7', commit=COMMIT),
    )
    assert network.results == {'all=faces': ROWS}
    assert network.test_faces == {'wflw/pose': '50 faces = all', 'wflw': 'some'}
    assert (network.data, network.fails) == ('Drawn faces.\n', 'Where it is dark.\n')
    assert 0 < network.difference < 0.1
    assert network.tried_on == '16 synthetic faces, without the test set'
    assert sorted(path.name for path in (clone / 'mmsepbn' / 'zoo').iterdir()) == sorted(
        ['index.json', network.onnx.name, network.checkpoint.name]
    )
    for path, text in render_pages(published).items():
        assert (clone / path).read_text() == text


@pytest.mark.slow
def test_files_predict_as_the_network_that_was_trained(clone, published, monkeypatch):
    monkeypatch.setattr(index, 'FOLDER', clone / 'mmsepbn' / 'zoo')
    config, trained = clone / 'configs' / 'tiny.py', clone / 'run' / 'epoch_3.pth'
    image = np.random.default_rng(0).integers(0, 256, (160, 160, 3), np.uint8)
    boxes = [[20, 20, 120, 130], [0, 0, 128, 128]]
    expected = FaceLandmarker(config, trained)(image, boxes=boxes)
    named = FaceLandmarker('tiny')(image, boxes=boxes)
    half = FaceLandmarker(TorchNetwork(None, file_of(clone, published[0].checkpoint)))(image, boxes=boxes)
    for face, onnx, torch_face in zip(expected, named, half, strict=True):
        for protocol, points in face.landmarks.items():
            assert 0 < np.abs(onnx.landmarks[protocol] - points).max() < 0.1
            np.testing.assert_allclose(onnx.landmarks[protocol], torch_face.landmarks[protocol], atol=1e-3)
    assert FaceLandmarker('tiny').network.info == TorchNetwork(config, trained).info


@pytest.mark.slow
def test_the_checkpoint_is_data_alone_and_says_what_the_onnx_file_says(clone, published):
    path = file_of(clone, published[0].checkpoint)
    content = torch.load(path, weights_only=True)  # no type besides those of torch
    assert set(content) == {'meta', 'state_dict'}
    trained = torch.load(clone / 'run' / 'epoch_3.pth')['state_dict']
    assert content['state_dict'].keys() == trained.keys()
    for name, value in content['state_dict'].items():
        assert value.dtype == (torch.float16 if trained[name].ndim > 1 else trained[name].dtype)
        torch.testing.assert_close(value.to(trained[name].dtype), trained[name], atol=0.02, rtol=1e-3)
    own = load_model(Config.fromfile(clone / 'configs' / 'tiny.py'), path).state_dict()
    assert {value.dtype for value in own.values()} == {torch.float32, torch.int64}
    info, about = about_checkpoint(path)
    network = OnnxNetwork(file_of(clone, published[0].onnx))
    assert info == network.info
    assert (info.box_maps, info.calibration) == (MAPS, CALIBRATION)
    for part in ('network', 'training', 'results', 'licence', 'precision', 'weights_sha256'):
        assert about[part] == network.about[part]
    assert about['precision'] == 'weights float16, computed in float32'
    assert about['licence'].startswith('Code: Apache-2.0. Weights: research use')


@pytest.mark.slow
def test_no_file_names_a_folder_of_this_machine(clone, published):
    for file in (published[0].onnx, published[0].checkpoint):
        content = file_of(clone, file).read_bytes()
        for folder in (str(clone), str(ROOT), '/home/me'):
            assert folder.encode() not in content
    cfg = load_from_local(str(file_of(clone, published[0].checkpoint)))['meta']['cfg']
    assert "load_from = 'stage_1.pth'" in cfg


@pytest.mark.slow
def test_a_network_is_replaced_only_when_asked_and_its_old_files_go(clone, published, tmp_path):
    root = tmp_path / 'clone'
    shutil.copytree(clone, root)
    assert 'There is a network tiny already: --overwrite replaces it.' in tool(
        root / 'run', root / 'run' / 'epoch_3.pth', *options(root, '--allow-changes')
    )
    content = torch.load(root / 'run' / 'epoch_3.pth')
    content['state_dict']['head.branches.cofw.fc.bias'] += 1
    torch.save(content, root / 'run' / 'epoch_3.pth')
    store(root / 'run' / 'epoch_3.pth', MAPS)
    arguments = (root / 'run', root / 'run' / 'epoch_3.pth', *options(root, '--allow-changes', '--overwrite'))
    before = sorted(os.listdir(root / 'mmsepbn' / 'zoo'))
    assert 'The files must have 0.1 MB at most together. Got 0.2' in tool(*arguments, '--max-mb', '0.1')
    assert sorted(os.listdir(root / 'mmsepbn' / 'zoo')) == before
    assert tool(*arguments) is None
    (network,) = read_index(root / 'mmsepbn' / 'zoo')
    assert network.onnx.name != published[0].onnx.name
    assert sorted(os.listdir(root / 'mmsepbn' / 'zoo')) == sorted(
        ['index.json', network.onnx.name, network.checkpoint.name]
    )


def without(content, *names):
    return content | dict(meta={name: value for name, value in content['meta'].items() if name not in names})


@pytest.mark.slow
def test_what_is_not_fit_to_be_published_is_refused(clone, tmp_path):
    trained = clone / 'run' / 'epoch_3.pth'
    root = tmp_path / 'clone'
    (root / 'docs').mkdir(parents=True)
    given = options(clone, '--root', root, '--allow-changes')
    config = clone / 'configs' / 'tiny.py'
    bare = tmp_path / 'bare.pth'
    torch.save(without(torch.load(trained), 'seed', 'time'), bare)
    other = tmp_path / 'other.py'
    other.write_text(f"_base_ = '{config}'\ntrain_dataloader = dict(dataset=dict(use=['wflw']))\n")
    (tmp_path / 'unknown.py').write_text(f"_base_ = '{config}'\nmodel = dict(backbone=dict(type='Foo'))\n")
    (tmp_path / 'empty.json').write_text('{"loss": 3}')
    (tmp_path / 'empty.md').write_text('')
    for arguments, message in (
        ((config, bare, *given), r"must record how it was trained.*It lacks \['seed', 'date'\]"),
        ((other, trained, *given), 'must train on the sets that the checkpoint was trained on'),
        ((tmp_path / 'unknown.py', trained, *given), 'KeyError: Foo is not in the mmpose::model registry'),
        ((config, *given), 'There must be a checkpoint of'),
        ((config, tmp_path / 'nowhere.pth', *given), 'There is no checkpoint'),
        ((tmp_path / 'nowhere.py', trained, *given), 'There is no config file'),
        ((clone, trained, *given), 'must hold one config'),
        ((config, trained, *given, '--name', 'Tiny.onnx'), r"Card\(name=\) must be lower-case.*Got 'Tiny\.onnx'"),
        ((config, trained, *given, '--fails', tmp_path / 'empty.md'), r'Card\(fails=\) must be a text'),
        ((config, trained, *given, '--fails', tmp_path / 'nowhere.md'), 'nowhere.md'),
        ((config, trained, *given, '--results', 'rows.json'), r"LABEL=FILE with labels that differ\. Got 'rows\.json'"),
        ((config, trained, *given, '--results', f'all=faces={clone / "rows.json"}'), 'LABEL=FILE with labels that'),
        ((config, trained, *given, '--results', f'a={tmp_path / "empty.json"}'), 'must hold rows with an NME'),
        ((config, trained, *given, '--results', f'a={tmp_path / "nowhere.json"}'), 'nowhere.json'),
        ((config, trained, *given, '--test-faces', 'wflw'), r"SET=TEXT with sets that differ\. Got 'wflw'"),
        ((config, trained, *given, '--root', tmp_path), '--root must be a clone of the project'),
    ):
        end = tool(*arguments)
        assert end.startswith('error: '), arguments
        assert len(end.splitlines()) == 2
        assert re.search(message, end), end
    assert not list(root.rglob('*.*'))
    (tmp_path / 'other.prediction.json').write_text('{"checkpoint_sha256": "0"}')
    shutil.copy(trained, tmp_path / 'other.pth')
    assert 'was made for another checkpoint' in tool(config, tmp_path / 'other.pth', *given)


def test_changes_of_the_package_are_refused_unless_allowed(clone, monkeypatch):
    arguments = (clone / 'run', clone / 'run' / 'epoch_3.pth', *options(clone, name='other'))
    monkeypatch.setattr(source_version, 'source_version', lambda **_: dict(commit='c' * 40, dirty=True))
    assert f'The package differs from commit {"c" * 40}: commit it, or --allow-changes' in tool(*arguments)


def test_a_config_is_named_below_the_clones_configs(tmp_path):
    name = runpy.run_path(str(ROOT / 'tools' / 'publish.py'))['name_below_configs']
    for path in ('configs/zoo/a.py', 'configs/zoo/b.py', 'configs/b.py', 'run/a.py', 'run/b.py', 'run/c.py'):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text('')
    assert name(tmp_path / 'configs' / 'b.py', tmp_path) == 'configs/b.py'
    assert name(tmp_path / 'configs' / 'zoo' / 'b.py', tmp_path) == 'configs/zoo/b.py'
    assert name(tmp_path / 'run' / 'a.py', tmp_path) == 'configs/zoo/a.py'
    assert name(tmp_path / 'run' / 'c.py', tmp_path) == 'c.py'
    with pytest.raises(ValueError, match=r'There are 2 configs b\.py'):
        name(tmp_path / 'run' / 'b.py', tmp_path)


def test_of_a_run_the_last_checkpoint_is_taken(tmp_path):
    from toy_training import toy_runner

    toy_runner(tmp_path, epochs=2).train()
    for path in tmp_path.glob('*.py'):
        path.unlink()
    (tmp_path / 'own.py').write_text('')
    trained = runpy.run_path(str(ROOT / 'tools' / 'publish.py'))['trained']
    assert trained(tmp_path, None) == (tmp_path / 'own.py', tmp_path / 'epoch_2.pth')
    assert trained(tmp_path, tmp_path / 'epoch_1.pth') == (tmp_path / 'own.py', tmp_path / 'epoch_1.pth')


def test_a_card_without_results_says_what_they_are():
    with pytest.raises(ZooError, match=r'^Card\(results=\) must map a label to rows of FaceLandmarkMetric'):
        Card('tiny', 'A tiny one.', 'a.py', {}, 'Drawn faces.', 'Where it is dark.', {}, {})


def test_a_card_that_describes_a_set_without_results_is_refused():
    with pytest.raises(
        ZooError, match=r"^Card\(test_faces=\) must name sets of the results, \['wflw', 'wflw/pose'\]\. Got"
    ):
        Card('tiny', 'A tiny one.', 'a.py', {'all': ROWS}, 'Faces.', 'Dark ones.', {}, {}, {'300w': '50 faces'})


def test_pages_are_rendered_alone(tmp_path, capsys):
    (tmp_path / 'docs').mkdir()
    (tmp_path / 'configs').mkdir()
    assert tool('--render', '--root', tmp_path) is None
    assert {path: (tmp_path / path).read_text() for path in render_pages(())} == render_pages(())
    assert tool() == '2'
    assert (
        'these are required, unless --render is given: config, name, summary, data, fails, results.'
        in capsys.readouterr().err
    )

"""The tool that makes face caches: what it prints, and that a training reads them."""

import os
import runpy
import shutil
from contextlib import nullcontext

import pytest
from helpers import ROOT
from mmengine.registry import DATASETS, DefaultScope

from mmsepbn.config_file import read_config
from mmsepbn.datasets.face_cache.cache_file import CacheFile
from mmsepbn.datasets.face_cache.link import VARIABLE

CONFIGS = ROOT / 'configs'


@pytest.fixture
def cache_faces(synthetic_faces, tmp_path, monkeypatch, capfd):
    """Run the tool in this process and an empty folder; returns what it printed, and how it ended."""
    monkeypatch.setattr(DefaultScope, '_instance_dict', DefaultScope._instance_dict.copy())
    monkeypatch.setenv('FACES_ROOT', str(synthetic_faces))
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.chdir(tmp_path)

    def run(*args, fails=False):
        monkeypatch.setattr('sys.argv', ['cache_faces.py', *map(str, args)])
        with pytest.raises(SystemExit) if fails else nullcontext() as end:
            runpy.run_path(str(ROOT / 'tools' / 'cache_faces.py'), run_name='__main__')
        printed = capfd.readouterr()
        assert 'Traceback' not in printed.out + printed.err
        return printed.out + (f'{printed.err}{end.value}' if fails else '')

    return run


@pytest.mark.slow
def test_caches_are_made_once_and_read(cache_faces, tmp_path, monkeypatch):
    config = CONFIGS / 'sepbn_vanilla_cofw.py'
    first = cache_faces(config)
    names = sorted(path.name for path in (tmp_path / 'face_cache').iterdir())
    assert [name.rpartition('-')[0] for name in names] == ['COFWDataset-COFW_train_color']
    assert f'face_cache/{names[0]}: 8 faces, about ' in first
    assert 'COFWDataset, test: no cache, as tests read the images.' in first
    assert ' MB are free.' in first
    assert f'FACE_CACHE={tmp_path / "face_cache"} python tools/train.py {config} reads them.' in first
    again = cache_faces(config, '--out', 'face_cache')
    assert again.count('complete already') == 1
    assert 'free' not in again
    monkeypatch.setenv(VARIABLE, str(tmp_path / 'face_cache'))
    dataset = DATASETS.build(read_config(config).train_dataloader.dataset)
    monkeypatch.setattr('mmsepbn.datasets.transforms.load_face_image.read_image', None)
    assert dataset[7]['inputs'].shape == (3, 128, 128)


def test_the_folder_may_come_from_the_environment(cache_faces, tmp_path, monkeypatch):
    monkeypatch.setenv(VARIABLE, 'from_environment')
    cache_faces(CONFIGS / 'sepbn_vanilla_cofw.py')
    assert len(list((tmp_path / 'from_environment').glob('*.faces'))) == 1


def test_the_command_that_is_printed_can_be_pasted(cache_faces, tmp_path):
    (tmp_path / 'my config.py').write_text(f"_base_ = '{CONFIGS}/sepbn_vanilla_cofw.py'")
    said = cache_faces('my config.py', '--out', 'ca che')
    assert f"FACE_CACHE='{tmp_path}/ca che' python tools/train.py 'my config.py' reads them." in said
    assert VARIABLE not in os.environ  # what is cached must not come from a cache


def test_what_is_kept_of_a_face_is_as_asked_for(cache_faces, tmp_path):
    cache_faces(CONFIGS / 'sepbn_vanilla_cofw.py', '--raw', '--scale', 2)
    (path,) = (tmp_path / 'face_cache').glob('*.faces')
    about = CacheFile(path).about
    assert (about.reach.pixels, about.quality) == (256, None)
    assert about.reach.across > 0.9


def test_a_cache_keeps_its_form_unless_another_is_asked_for(cache_faces, tmp_path):
    def quality():
        (path,) = (tmp_path / 'face_cache').glob('*.faces')
        return CacheFile(path).about.quality

    config = CONFIGS / 'sepbn_vanilla_cofw.py'
    for options, made in ((('--raw',), None), (('--quality', 80), 80), (('--raw',), None)):
        assert 'complete already' not in cache_faces(config, *options)
        assert quality() == made
        assert 'complete already' in cache_faces(config)
        assert quality() == made
    assert 'complete already' not in cache_faces(config, '--scale', 2)
    assert quality() is None


@pytest.mark.slow
def test_a_cache_for_other_crops_becomes_one_for_both(cache_faces, tmp_path):
    config = CONFIGS / 'sepbn_vanilla_cofw.py'
    cache_faces(config)
    pipeline = 'train_dataloader.dataset.pipeline.1'
    again = cache_faces(config, '--cfg-options', f'{pipeline}.padding=1.5', f'{pipeline}.rotation=0')
    assert again.count('complete already') == 0
    assert cache_faces(config).count('complete already') == 1


def test_a_cache_that_lacks_its_end_is_made_anew(cache_faces, tmp_path):
    config = CONFIGS / 'sepbn_vanilla_cofw.py'
    cache_faces(config)
    path = next((tmp_path / 'face_cache').glob('*.faces'))
    whole = path.read_bytes()
    path.write_bytes(whole[:-1])
    assert cache_faces(config).count('complete already') == 0
    assert path.read_bytes() == whole


def test_wrapped_sets_and_unions_are_cached(cache_faces, tmp_path):
    config = tmp_path / 'config.py'
    config.write_text(
        f"_base_ = '{CONFIGS}/sepbn_vanilla_cofw.py'\n"
        "train_dataloader = dict(dataset=dict(_delete_=True, type='RepeatDataset', times=2, dataset=dict(\n"
        "    type='mmsepbn.MultiProtocolDataset', datasets=dict(a={{_base_.cofw_train}}, b={{_base_.wflw_train}}))))\n"
    )
    found = cache_faces(config)
    assert found.count(' faces, about ') == 2


def test_sets_without_our_crop_are_named(cache_faces, tmp_path):
    config = tmp_path / 'config.py'
    config.write_text(
        f"_base_ = '{CONFIGS}/sepbn_vanilla_cofw.py'\n"
        "load = [dict(type='mmsepbn.LoadFaceImage')]\ntrain_dataloader = dict(dataset=dict(pipeline=load))\n"
        'val_dataloader = dict(dataset=dict(pipeline=load))\ntest_dataloader = val_dataloader\n'
    )
    found = cache_faces(config, fails=True)
    assert (
        'COFWDataset, training: no cache, as its pipeline has no LoadFaceImage directly followed by FaceCrop' in found
    )
    assert 'error: The config must have a data set whose faces can be cached' in found


@pytest.mark.parametrize(
    ('args', 'message'),
    [
        (('--scale', 0.5), 'argument --scale: must be a number in [1, 16]. Got 0.5.'),
        (('--scale', 'abc'), 'argument --scale: must be a number in [1, 16]. Got abc.'),
        (('--quality', 101), 'argument --quality: must be a whole number in [1, 100]. Got 101.'),
        (('--quality', 'x'), 'argument --quality: must be a whole number in [1, 100]. Got x.'),
        (('--raw', '--quality', 90), r'not allowed with argument --raw'),
        (('--cfg-options', 'train_dataloader.dataset.data_root=missing'), 'does not exist'),
    ],
)
def test_mistakes_take_a_line(args, message, cache_faces):
    assert message in cache_faces(CONFIGS / 'sepbn_vanilla_cofw.py', *args, fails=True)


def test_too_little_space_is_said_before_anything_is_written(cache_faces, tmp_path, monkeypatch):
    usage = shutil.disk_usage(tmp_path)._replace(free=1000)
    monkeypatch.setattr(shutil, 'disk_usage', lambda folder: usage)
    found = cache_faces(CONFIGS / 'sepbn_vanilla_cofw.py', fails=True)
    assert 'error: The faces need about' in found
    assert 'where 0.0 MB are free' in found
    assert not list((tmp_path / 'face_cache').glob('*'))

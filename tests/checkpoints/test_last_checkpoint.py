import os
import shutil

import pytest
import torch
from toy_training import toy_runner

from mmsepbn.checkpoints.file import CheckpointError
from mmsepbn.checkpoints.last_checkpoint import last_checkpoint


@pytest.fixture(scope='module')
def finished(tmp_path_factory):
    folder = tmp_path_factory.mktemp('finished')
    toy_runner(folder, epochs=3, scores=[2.0, 1.0, 3.0], checkpoint=dict(save_best='auto', rule='less')).train()
    return folder


@pytest.fixture
def said(monkeypatch):
    """What has been logged."""
    messages = []
    monkeypatch.setattr('mmsepbn.checkpoints.last_checkpoint.print_log', lambda text, *_: messages.append(text))
    return lambda: '\n'.join(messages)


@pytest.fixture
def run(finished, tmp_path):
    """A folder with epoch_2, epoch_3, the best of epoch 2 and the pointer to epoch_3."""
    shutil.copytree(finished, tmp_path / 'run')
    assert len(list((tmp_path / 'run').glob('*.pth'))) == 3
    return tmp_path / 'run'


def cut(path):
    path.write_bytes(path.read_bytes()[:-100])


def flip(path):
    content = bytearray(path.read_bytes())
    place = content.find(torch.load(path, weights_only=False)['state_dict']['backbone.0.weight'].numpy().tobytes())
    content[place] ^= 1
    path.write_bytes(content)


def test_it_is_the_one_that_the_pointer_names_wherever_the_folder_lay(run, said):
    assert last_checkpoint(run) == str(run / 'epoch_3.pth')
    (run / 'last_checkpoint').write_text('/where/it/lay/epoch_2.pth\n')
    assert last_checkpoint(str(run)) == str(run / 'epoch_2.pth')
    assert 'continues from' not in said()


POINTERS = [
    (lambda pointer: pointer.unlink(), 'last_checkpoint is missing'),
    (lambda pointer: pointer.write_text(''), 'last_checkpoint names no file'),
    (lambda pointer: pointer.write_text('a\0b'), 'last_checkpoint names no file'),
    (lambda pointer: pointer.write_bytes(b'\xff\xfe\x00x'), 'last_checkpoint cannot be read'),
    (lambda pointer: (pointer.unlink(), pointer.mkdir()), 'last_checkpoint is missing'),
    (lambda pointer: (pointer.unlink(), os.mkfifo(pointer)), 'last_checkpoint is missing'),
    (lambda pointer: pointer.write_text('/run/epoch_9.pth'), 'no checkpoint .*epoch_9.pth'),
    (lambda pointer: pointer.write_text('x' * 300), 'cannot be read|no checkpoint'),
    (
        lambda pointer: pointer.write_text('best_score_epoch_2.pth'),
        'best_score_epoch_2.pth has no training state',
    ),
]


@pytest.mark.parametrize(('spoil', 'message'), POINTERS)
def test_where_the_pointer_is_of_no_use_the_newest_whole_one_is_taken(run, said, spoil, message):
    spoil(run / 'last_checkpoint')
    assert last_checkpoint(run) == str(run / 'epoch_3.pth')


@pytest.mark.parametrize('spoil', [cut, flip, lambda path: path.write_bytes(b''), lambda path: path.unlink()])
def test_a_damaged_newest_gives_way_to_the_one_before(run, said, spoil):
    spoil(run / 'epoch_3.pth')
    assert last_checkpoint(run) == str(run / 'epoch_2.pth')
    assert 'epoch_3.pth' in said()


def test_newest_is_that_of_the_most_steps_whatever_its_name_and_time(run):
    (run / 'last_checkpoint').unlink()
    (run / 'epoch_3.pth').rename(run / 'a.pth')
    (run / 'epoch_2.pth').rename(run / 'epoch_10.pth')
    os.utime(run / 'a.pth', (0, 0))
    assert last_checkpoint(run) == str(run / 'a.pth')


def test_a_folder_whose_checkpoints_are_all_damaged_is_not_begun_anew(run):
    for path in (run / 'epoch_2.pth', run / 'epoch_3.pth'):
        cut(path)
    with pytest.raises(CheckpointError, match=r'no complete checkpoint to resume: .*epoch_3.*epoch_2.*--work-dir'):
        last_checkpoint(run)
    (run / 'last_checkpoint').unlink()
    with pytest.raises(CheckpointError, match=r'last_checkpoint is missing'):
        last_checkpoint(run)


def test_a_new_folder_has_none(tmp_path):
    assert last_checkpoint(tmp_path) is None
    assert last_checkpoint(tmp_path / 'new') is None


def test_mmengines_own_search_finds_it_too(run):
    """MMPose's tools resume by it; MMEngine's own takes what the pointer says."""
    (run / 'last_checkpoint').unlink()
    cut(run / 'epoch_3.pth')
    runner = toy_runner(run, epochs=3, resume=True)
    runner.load_or_resume = lambda load=runner.load_or_resume: (load(), setattr(runner, 'begun', runner.epoch))
    runner.train()
    assert runner.begun == 2


def test_checkpoints_of_out_dir_are_found_beside_the_pointer_or_where_it_says(tmp_path):
    """MMEngine keeps them in ``out_dir``, and the pointer in the folder of the run."""
    run, out = tmp_path / 'run', tmp_path / 'out' / 'run'
    toy_runner(run, epochs=2, checkpoint=dict(out_dir=str(tmp_path / 'out'))).train()
    assert not list(run.glob('*.pth'))
    assert last_checkpoint(run) == str(out / 'epoch_2.pth')
    cut(out / 'epoch_2.pth')
    assert last_checkpoint(run) == str(out / 'epoch_1.pth')
    cut(out / 'epoch_1.pth')
    with pytest.raises(CheckpointError, match=r'no complete checkpoint to resume: .*epoch_2.*epoch_1'):
        last_checkpoint(run)
    shutil.rmtree(out)
    with pytest.raises(CheckpointError, match=r'no checkpoint .*epoch_2.pth'):
        last_checkpoint(run)


def test_a_bare_name_is_none_in_the_current_folder(run, finished, monkeypatch, tmp_path):
    shutil.copy(run / 'epoch_3.pth', tmp_path / 'epoch_9.pth')
    (run / 'last_checkpoint').write_text('epoch_9.pth')
    (run / 'epoch_3.pth').unlink()
    monkeypatch.chdir(tmp_path)
    assert last_checkpoint(run) == str(run / 'epoch_2.pth')


def test_what_lies_in_the_folder_goes_before_what_the_pointer_says(run, finished, said):
    (run / 'last_checkpoint').write_text(str(finished / 'epoch_3.pth'))
    assert last_checkpoint(run) == str(run / 'epoch_3.pth')


def test_weights_alone_do_not_keep_a_run_from_its_beginning(tmp_path, said):
    torch.save(dict(state_dict=dict(a=torch.ones(2)), meta={}), tmp_path / 'published.pth')
    assert last_checkpoint(tmp_path) is None
    assert 'published.pth has no training state' in said()
    (tmp_path / 'epoch_1.pth').write_bytes(b'')
    with pytest.raises(CheckpointError, match=r'epoch_1.pth is not a checkpoint: it is empty'):
        last_checkpoint(tmp_path)


def test_a_pointer_to_weights_alone_is_not_begun_anew(tmp_path):
    torch.save(dict(state_dict=dict(a=torch.ones(2)), meta={}), tmp_path / 'epoch_1.pth')
    (tmp_path / 'last_checkpoint').write_text('epoch_1.pth')
    with pytest.raises(CheckpointError, match=r'epoch_1.pth has no training state'):
        last_checkpoint(tmp_path)

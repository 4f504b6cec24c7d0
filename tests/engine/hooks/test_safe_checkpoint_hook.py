import errno
import shutil
from pathlib import Path

import pytest
import torch
from mmengine.hooks import EMAHook, Hook
from toy_training import assert_same, loader_of, toy_runner, weights

from mmsepbn.checkpoints.file import CheckpointError
from mmsepbn.engine import EpochSeedHook, SafeCheckpointHook

BEST = dict(save_best='auto', rule='less')


def names(folder):
    return sorted(path.name for path in Path(folder).glob('*.pth'))


def test_it_keeps_what_mmengines_hook_keeps(tmp_path):
    scores = [3.0, 1.0, 2.0, 0.5]
    for run, hook in (('ours', 'mmsepbn.SafeCheckpointHook'), ('theirs', 'mmengine.CheckpointHook')):
        toy_runner(tmp_path / run, epochs=4, scores=scores, checkpoint=dict(type=hook, **BEST)).train()
    assert (
        names(tmp_path / 'ours')
        == names(tmp_path / 'theirs')
        == ['best_score_epoch_4.pth', 'epoch_3.pth', 'epoch_4.pth']
    )
    for name in names(tmp_path / 'ours'):
        assert_same(weights(tmp_path / 'ours' / name), weights(tmp_path / 'theirs' / name))
    assert (tmp_path / 'ours' / 'last_checkpoint').read_text() == str(tmp_path / 'ours' / 'epoch_4.pth')
    assert not list((tmp_path / 'ours').glob('.*'))


@pytest.mark.parametrize(
    ('metric', 'best'),
    [
        ('wflw/NME', 1),
        ('wflw/pose/FR_0.10', 1),
        ('aflw_oracle/frontal/AUC_0.10', 3),
        ('desktop/accessories/NME', 1),  # MMEngine takes whatever contains "acc" or "top" for an accuracy
        ('auc_of_mine/EPE', 1),
        ('PCK', 3),
        ('loss_kpt', 1),
    ],
)
@pytest.mark.parametrize('auto', [False, True])
def test_the_best_of_a_metric_is_known_by_its_name(tmp_path, metric, best, auto):
    scores = [{metric: value} for value in (0.2, 0.5, 0.9)]
    checkpoint = dict(save_best='auto' if auto else metric)
    toy_runner(tmp_path, scores=scores, checkpoint=checkpoint).train()
    assert [name for name in names(tmp_path) if 'best' in name] == [f'best_{metric.replace("/", "_")}_epoch_{best}.pth']


def test_several_metrics_are_each_judged_in_their_own_way():
    metrics = ['cofw/NME', 'cofw/AUC_0.10', 'score']
    hook = SafeCheckpointHook(save_best=metrics, rule=['less', 'greater', 'less'])
    assert [hook.is_better_than[metric](0.6, 0.2) for metric in metrics] == [False, True, False]


@pytest.mark.parametrize(
    ('metric', 'rule', 'message'),
    [
        ('cofw/AUC_0.10', 'less', r"\(rule=\) must be 'greater' for cofw/AUC_0.10, or None. Got 'less'."),
        ('wflw/pose/NME', 'greater', r"\(rule=\) must be 'less' for wflw/pose/NME, or None. Got 'greater'."),
        ('score', None, r"\(rule=\) must be 'less' or 'greater' for score. Got None."),
        ('heatmap_mse', None, r"\(rule=\) must be 'less' or 'greater' for heatmap_mse"),  # "map", MMEngine would say
    ],
)
def test_a_rule_that_would_keep_the_worst_or_none_is_refused(tmp_path, metric, rule, message):
    with pytest.raises(ValueError, match=message):
        SafeCheckpointHook(save_best=metric, rule=rule)
    with pytest.raises(ValueError, match=message):
        toy_runner(tmp_path, scores=[{metric: 1.0}], checkpoint=dict(save_best='auto', rule=rule)).train()


def test_a_copied_run_leaves_the_original_alone_and_has_its_own_best(tmp_path):
    toy_runner(tmp_path / 'run', epochs=1, scores=[2.0], checkpoint=BEST).train()
    shutil.copytree(tmp_path / 'run', tmp_path / 'copy')
    before = names(tmp_path / 'run')
    copy = dict(resume=True, load_from=str(tmp_path / 'copy' / 'epoch_1.pth'))
    toy_runner(tmp_path / 'copy', epochs=2, scores=[1.0], checkpoint=BEST, **copy).train()
    assert names(tmp_path / 'run') == before == ['best_score_epoch_1.pth', 'epoch_1.pth']
    assert names(tmp_path / 'copy') == ['best_score_epoch_2.pth', 'epoch_1.pth', 'epoch_2.pth']


@pytest.mark.parametrize('several', [False, True])
def test_a_copy_without_its_best_seeks_it_anew(tmp_path, several):
    checkpoint = BEST | dict(save_best=['score', 'other'], rule='less') if several else BEST
    scores = [dict(score=1.0, other=1.0), dict(score=5.0, other=0.5)] if several else [1.0, 5.0]
    toy_runner(tmp_path / 'run', epochs=1, scores=scores[:1], checkpoint=checkpoint).train()
    shutil.copytree(tmp_path / 'run', tmp_path / 'copy')
    (tmp_path / 'copy' / 'best_score_epoch_1.pth').unlink()
    copy = dict(resume=True, load_from=str(tmp_path / 'copy' / 'epoch_1.pth'))
    runner = toy_runner(tmp_path / 'copy', epochs=2, scores=scores[1:], checkpoint=checkpoint, **copy)
    said = []
    runner.logger.warning = said.append
    runner.train()
    best = [name for name in names(tmp_path / 'copy') if name.startswith('best')]
    assert best == (['best_other_epoch_2.pth'] if several else []) + ['best_score_epoch_2.pth']
    assert sum("does not contain the resumed run's best checkpoint" in str(text) for text in said) == 1


@pytest.mark.parametrize('backend_args', [dict(backend='local'), {}])
def test_mmengines_local_backend_is_as_safe(tmp_path, full_disk, backend_args):
    hook = FillDisk(full_disk, epoch=1)
    checkpoint = BEST | dict(backend_args=backend_args)
    with pytest.raises(CheckpointError, match=r'epoch_2.pth cannot be written'):
        toy_runner(tmp_path, [hook], epochs=2, scores=[2.0, 1.0], checkpoint=checkpoint).train()
    assert names(tmp_path) == ['best_score_epoch_1.pth', 'epoch_1.pth']


def test_what_a_stop_left_in_the_runs_folder_goes_with_the_next_checkpoint(tmp_path):
    run, out = tmp_path / 'run', tmp_path / 'out' / 'run'
    for folder in (run, out):
        folder.mkdir(parents=True)
        for name in ('stopped_iter_3.pth', 'stopped_by_me.pth'):
            (folder / name).touch()
    toy_runner(run, epochs=1, checkpoint=dict(out_dir=str(tmp_path / 'out'))).train()
    assert names(run) == ['stopped_by_me.pth']
    assert names(out) == ['epoch_1.pth', 'stopped_by_me.pth']


def test_what_a_killed_training_had_begun_to_write_goes(tmp_path):
    for name in ('.epoch_1.pth.0123abcd.part', '.notes.part'):
        (tmp_path / name).touch()
    toy_runner(tmp_path, epochs=1).train()
    assert [path.name for path in tmp_path.glob('.*')] == ['.notes.part']


def test_a_moved_run_finds_its_best(tmp_path):
    toy_runner(tmp_path / 'run', epochs=1, scores=[2.0], checkpoint=BEST).train()
    (tmp_path / 'run').rename(tmp_path / 'moved')
    moved = dict(resume=True, load_from=str(tmp_path / 'moved' / 'epoch_1.pth'))
    toy_runner(tmp_path / 'moved', epochs=3, scores=[5.0, 1.0], checkpoint=BEST, **moved).train()
    assert names(tmp_path / 'moved') == ['best_score_epoch_3.pth', 'epoch_2.pth', 'epoch_3.pth']


@pytest.mark.parametrize('several', [False, True])
@pytest.mark.parametrize(
    'victim', ['{out}/thesis.pth', '{out}/best_score_epoch_1.pth', '{run}/notes.txt', '{run}/../run/best_x.pth', 7]
)
def test_files_that_a_checkpoint_names_are_not_deleted(tmp_path, victim, several):
    run, out = tmp_path / 'run', tmp_path / 'out'
    checkpoint = BEST | dict(save_best=['score']) if several else BEST
    toy_runner(run, epochs=1, scores=[2.0], checkpoint=checkpoint).train()
    victim = victim.format(out=out, run=run) if isinstance(victim, str) else victim
    if isinstance(victim, str):
        Path(victim).parent.mkdir(exist_ok=True)
        Path(victim).write_text('years of work')
    content = torch.load(run / 'epoch_1.pth', weights_only=False)
    content['message_hub']['runtime_info'].update(
        best_ckpt=victim, best_ckpt_score=victim, keep_ckpt_ids=['../../out/thesis', True, 1.5, 7, 8, 9]
    )
    torch.save(content, run / 'epoch_1.pth')
    toy_runner(
        run, epochs=2, scores=[1.0], checkpoint=checkpoint, resume=True, load_from=str(run / 'epoch_1.pth')
    ).train()
    assert not isinstance(victim, str) or Path(victim).exists()


@pytest.fixture
def full_disk(monkeypatch):
    """From now on no checkpoint's bytes can be written whole."""

    def fill():
        def part(descriptor):
            raise OSError(errno.ENOSPC, 'No space left on device')

        monkeypatch.setattr('os.fsync', part)

    return fill


class FillDisk(Hook):
    """Fill the disk in an epoch's training or at a validation."""

    def __init__(self, fill, epoch=None, validation=None):
        self.fill, self.epoch, self.validation = fill, epoch, validation

    def before_train_epoch(self, runner):
        if runner.epoch == self.epoch:
            self.fill()

    def before_val_epoch(self, runner):
        if runner.epoch == self.validation:
            self.fill()


def test_a_full_disk_costs_neither_the_last_nor_the_best(tmp_path, full_disk):
    hook = FillDisk(full_disk, epoch=2)
    runner = toy_runner(tmp_path, [hook], epochs=3, scores=[3.0, 2.0, 1.0], checkpoint=BEST)
    with pytest.raises(CheckpointError, match=r'epoch_3.pth cannot be written: No space left on device. The check'):
        runner.train()
    assert names(tmp_path) == ['best_score_epoch_2.pth', 'epoch_1.pth', 'epoch_2.pth']
    for name in names(tmp_path):
        assert weights(tmp_path / name)
    assert (tmp_path / 'last_checkpoint').read_text().endswith('epoch_2.pth')
    assert not list(tmp_path.glob('.*'))


def test_a_new_best_that_cannot_be_written_leaves_the_old_one(tmp_path, full_disk):
    hook = FillDisk(full_disk, validation=2)
    runner = toy_runner(tmp_path, [hook], epochs=3, scores=[3.0, 2.0], checkpoint=BEST)
    with pytest.raises(CheckpointError, match=r'best_score_epoch_2.pth cannot be written'):
        runner.train()
    assert names(tmp_path) == ['best_score_epoch_1.pth', 'epoch_1.pth', 'epoch_2.pth']


def test_room_for_two_checkpoints_is_looked_for_before_the_first_epoch(tmp_path, monkeypatch):
    # 4 * 4 + 4 weights, 4 * 4 of the norm in 4 bytes, a count of 8: 152 bytes; 28 parameters' momentum: 112; of two.
    usage = shutil.disk_usage(tmp_path)._replace
    monkeypatch.setattr(shutil, 'disk_usage', lambda path: usage(free=527))
    with pytest.raises(CheckpointError, match=r'has room for 0 MB, two checkpoints need about 0 MB'):
        toy_runner(tmp_path, epochs=1).train()
    assert names(tmp_path) == []
    monkeypatch.setattr(shutil, 'disk_usage', lambda path: usage(free=528))
    toy_runner(tmp_path, epochs=1).train()


@pytest.mark.parametrize(('settings', 'need'), [({}, 848), (dict(save_optimizer=False), 624)])
def test_an_average_needs_room_and_the_optimizer_where_it_is_saved(tmp_path, monkeypatch, settings, need):
    # As above: 152 bytes and as many of the average, with a count of 8, and 112 of momentum; of two checkpoints.
    usage = shutil.disk_usage(tmp_path)._replace
    monkeypatch.setattr(shutil, 'disk_usage', lambda path: usage(free=need - 1))
    with pytest.raises(CheckpointError, match='has room for'):
        toy_runner(tmp_path, [EMAHook()], epochs=1, checkpoint=settings).train()
    monkeypatch.setattr(shutil, 'disk_usage', lambda path: usage(free=need))
    toy_runner(tmp_path, [EMAHook()], epochs=1, checkpoint=settings).train()


@pytest.mark.parametrize('folder', ['s3://bucket/run', 'open-mmlab:s3://bucket/run', 'http://a.b/run', 'far://run'])
def test_checkpoints_are_not_written_to_where_they_cannot_be_loaded_from(tmp_path, folder):
    with pytest.raises(CheckpointError, match=rf'SafeCheckpointHook\(out_dir=\) must be a folder .* Got {folder}\.'):
        toy_runner(tmp_path, epochs=1, checkpoint=dict(out_dir=folder)).train()


@pytest.mark.parametrize(('by_epoch', 'name'), [(True, 'epoch_3.pth'), (False, 'iter_12.pth')])
def test_a_training_that_stops_early_saves_its_end(tmp_path, by_epoch, name):
    scores = [1.0, 2.0, 2.0]
    stopping = dict(type='EarlyStoppingHook', monitor='score', rule='less', patience=2)
    late = dict(interval=100, by_epoch=by_epoch)
    toy_runner(tmp_path / 'late', [stopping], epochs=9, scores=scores, checkpoint=late).train()
    toy_runner(tmp_path / 'each', [stopping], epochs=9, scores=scores).train()
    assert names(tmp_path / 'late') == [name]
    assert names(tmp_path / 'each') == ['epoch_2.pth', 'epoch_3.pth']
    assert (tmp_path / 'late' / 'last_checkpoint').read_text().endswith(name)
    ours, theirs = (
        torch.load(path, weights_only=False) for path in (tmp_path / 'late' / name, tmp_path / 'each' / 'epoch_3.pth')
    )
    assert [(each['meta']['epoch'], each['meta']['iter']) for each in (ours, theirs)] == [(3, 12)] * 2
    assert ours['param_schedulers'] == theirs['param_schedulers']
    assert_same(ours['state_dict'], theirs['state_dict'])
    states = [each['optimizer']['state'] for each in (ours, theirs)]
    for each in states[0]:
        assert_same(states[0][each], states[1][each])


def test_a_training_by_iterations_that_stops_early_is_saved_once(tmp_path, monkeypatch):
    monkeypatch.setattr('time.sleep', lambda seconds: None)  # MMEngine waits at the end of the data
    stopping = dict(type='EarlyStoppingHook', monitor='score', rule='less', patience=1)
    runner = toy_runner(tmp_path, [stopping], scores=[1.0, 2.0], checkpoint=dict(interval=100))
    runner._train_loop = dict(by_epoch=False, max_iters=40, val_interval=3)
    runner.train()
    assert runner.iter == 6
    assert names(tmp_path) == ['epoch_1.pth']


def test_a_run_with_fewer_iterations_than_it_has_done_is_not_finished(tmp_path):
    toy_runner(tmp_path, epochs=2).train()
    again = dict(resume=True, load_from=str(tmp_path / 'epoch_2.pth'), train_dataloader=loader_of(batch=8))
    runner = toy_runner(tmp_path, epochs=3, **again)
    runner._hooks = [hook for hook in runner.hooks if not isinstance(hook, EpochSeedHook)]  # which counts anew
    said = []
    runner.logger.info = said.append
    runner.train()
    assert (runner.epoch, runner.iter, runner.max_iters) == (3, 10, 6)
    assert not any('finished already' in str(text) for text in said)


def test_a_finished_run_says_so(tmp_path, caplog):
    toy_runner(tmp_path, epochs=1).train()
    runner = toy_runner(tmp_path, epochs=1, resume=True, load_from=str(tmp_path / 'epoch_1.pth'))
    said = []
    runner.logger.info = said.append
    runner.train()
    assert any('finished already: 1 of 1 epochs, 4 of 4 iterations. Nothing is left to train' in text for text in said)

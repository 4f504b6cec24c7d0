import os
import signal
from contextlib import contextmanager, suppress
from types import SimpleNamespace

import pytest
import torch
from helpers import run_two_ranks
from mmengine.hooks import Hook
from mmengine.model.wrappers import MMDistributedDataParallel
from toy_training import Numbers, Toy, assert_same, toy_runner, weights

from mmsepbn.checkpoints.last_checkpoint import last_checkpoint
from mmsepbn.engine.hooks import stop_signal_hook
from mmsepbn.engine.hooks.stop_signal_hook import StopSignalHook

STOP = dict(type='mmsepbn.StopSignalHook')
SCORES = [3.0, 1.0, 2.0]
BEST = dict(save_best='auto', rule='less')


class Tell(Hook):
    """Send the process a SIGTERM within a step, or within a validation."""

    def __init__(self, step=None, validation=None):
        self.step, self.validation = step, validation

    def before_train_iter(self, runner, batch_idx, data_batch=None):
        if runner.iter == self.step:
            os.kill(os.getpid(), signal.SIGTERM)

    def before_val_epoch(self, runner):
        if runner.epoch == self.validation:
            os.kill(os.getpid(), signal.SIGTERM)


def stopped(folder, tell, hooks=(), **settings):
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(SystemExit) as end:
        toy_runner(folder, [*hooks, STOP, tell], checkpoint=BEST, **settings).train()
    assert end.value.code == 143
    assert signal.getsignal(signal.SIGTERM) is before


@pytest.mark.parametrize(
    ('tell', 'iterations'),
    [(dict(step=0), 1), (dict(step=5), 6), (dict(step=7), 8), (dict(step=10), 11), (dict(validation=1), 4)],
)
@pytest.mark.parametrize('hooks', [(), (dict(type='EMAHook', momentum=0.2),)])
def test_it_stops_after_the_step_and_goes_on_like_an_uninterrupted_run(tmp_path, tell, iterations, hooks):
    toy_runner(tmp_path / 'whole', hooks, scores=SCORES, checkpoint=BEST).train()
    run = tmp_path / 'run'
    stopped(run, Tell(**tell), hooks, scores=SCORES)
    name = f'stopped_iter_{iterations}.pth'
    assert last_checkpoint(run) == str(run / name)
    done = iterations // 4
    runner = toy_runner(
        run, [*hooks, STOP], scores=SCORES[done:], checkpoint=BEST, resume=True, load_from=str(run / name)
    )
    runner.train()
    assert runner.iter == 12
    assert sorted(p.name for p in run.glob('*.pth')) == sorted(p.name for p in (tmp_path / 'whole').glob('*.pth'))
    for path in run.glob('*.pth'):
        assert_same(weights(path), weights(tmp_path / 'whole' / path.name))
    first, second = (torch.load(folder / 'epoch_3.pth', weights_only=False) for folder in (run, tmp_path / 'whole'))
    for part in ('param_schedulers', 'optimizer'):
        assert str(first[part]) == str(second[part])
    assert (
        first['message_hub']['runtime_info']['best_score'] == second['message_hub']['runtime_info']['best_score'] == 1
    )


def test_told_in_the_last_epochs_end_it_ends_as_usual(tmp_path):
    runner = toy_runner(tmp_path, [STOP, Tell(step=11)])
    runner.train()
    assert runner.iter == 12
    assert not list(tmp_path.glob('stopped*'))


def test_gathered_gradients_are_used_first(tmp_path):
    def runner(folder, hooks, **settings):
        made = toy_runner(folder, hooks, **settings)
        made.optim_wrapper._accumulative_counts = 2
        return made

    runner(tmp_path / 'whole', []).train()
    with pytest.raises(SystemExit):
        runner(tmp_path / 'run', [STOP, Tell(step=4)]).train()
    last = last_checkpoint(tmp_path / 'run')
    assert last.endswith('stopped_iter_6.pth')
    runner(tmp_path / 'run', [STOP], resume=True, load_from=last).train()
    assert_same(weights(tmp_path / 'run' / 'epoch_3.pth'), weights(tmp_path / 'whole' / 'epoch_3.pth'))


class Rows(Numbers):
    """As many as asked for."""

    def __init__(self, count):
        self.count = count

    def __len__(self):
        return self.count


def loader(rows, batch_size):
    sampler = dict(type='DefaultSampler', shuffle=True)
    return dict(train_dataloader=dict(dataset=Rows(rows), sampler=sampler, batch_size=batch_size, num_workers=0))


def batches_of(runner):
    """Rows of all batches that a run trains on, also where it is stopped."""
    rows = []
    runner.model.register_forward_pre_hook(lambda model, args, kwargs: rows.append(kwargs['x']), with_kwargs=True)
    with suppress(SystemExit):
        runner.train()
    return rows


@pytest.mark.parametrize('step', [8, 9, 10, 12])
def test_a_stop_after_epochs_of_another_length_goes_on_with_the_next_batch(tmp_path, step):
    """Two epochs of four steps, then of three."""
    toy_runner(tmp_path, epochs=2).train()
    second = dict(epochs=4, **loader(12, 4))
    resume = dict(resume=True, load_from=str(tmp_path / 'epoch_2.pth'))
    whole = batches_of(toy_runner(tmp_path / 'whole', [STOP], **second, **resume))
    before = batches_of(toy_runner(tmp_path / 'run', [STOP, Tell(step=step)], **second, **resume))
    name = tmp_path / 'run' / f'stopped_iter_{step + 1}.pth'
    after = batches_of(toy_runner(tmp_path / 'run', [STOP], **second, resume=True, load_from=str(name)))
    assert (len(before), len(after)) == (step + 1 - 8, 14 - step - 1)
    assert all(torch.equal(torch.stack(a), torch.stack(b)) for a, b in zip(before + after, whole, strict=True))


def stop_one_rank(rank, folder):
    torch.manual_seed(0)
    model = MMDistributedDataParallel(module=Toy())
    hooks = [dict(type='mmsepbn.StopSignalHook', interval=2)]
    if rank == 1:
        hooks.append(Tell(step=2))
    with pytest.raises(SystemExit):
        toy_runner(folder, hooks, model=model, epochs=20).train()
    if rank == 0:
        assert [path.name for path in folder.glob('stopped*')] == ['stopped_iter_4.pth']
    # Eight steps an epoch, two of which make an update: the exchange of step 3 meets gathered gradients.
    hooks = [dict(type='mmsepbn.StopSignalHook', interval=3)]
    if rank == 1:
        hooks.append(Tell(step=0))
    runner = toy_runner(folder / 'gathering', hooks, model=MMDistributedDataParallel(module=Toy()), **loader(32, 2))
    runner.optim_wrapper._accumulative_counts = 2
    with pytest.raises(SystemExit):
        runner.train()
    if rank == 0:
        assert [path.name for path in (folder / 'gathering').glob('stopped*')] == ['stopped_iter_4.pth']


@pytest.mark.slow
def test_all_processes_stop_at_one_step_when_one_is_told(tmp_path):
    run_two_ranks(stop_one_rank, tmp_path)


def test_its_interval_is_checked():
    with pytest.raises(ValueError, match=r'StopSignalHook\(interval=\) must be at least 1. Got 0'):
        StopSignalHook(interval=0)


class SwallowedInterrupt(Hook):
    """Ctrl-C within code that takes any error for one of its own."""

    def before_train_iter(self, runner, batch_idx, data_batch=None):
        if runner.iter == 5:
            with suppress(KeyboardInterrupt):
                os.kill(os.getpid(), signal.SIGINT)


def test_an_interrupt_that_other_code_swallows_ends_the_training_after_the_step(tmp_path):
    runner = toy_runner(tmp_path, [STOP, SwallowedInterrupt()])
    with pytest.raises(KeyboardInterrupt):
        runner.train()
    assert runner.iter == 5


class Wrong(Hook):
    """An error in a step."""

    def before_train_iter(self, runner, batch_idx, data_batch=None):
        raise ArithmeticError


@contextmanager
def listening():
    """Signals that reach the handler of the process, instead of ending it."""
    heard = []
    handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    signal.signal(signal.SIGTERM, listener := lambda number, frame: heard.append(number))
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield heard, listener
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)


def test_a_training_that_an_error_has_ended_keeps_no_signal_from_the_process(tmp_path):
    with listening() as (heard, listener):
        with pytest.raises(ArithmeticError):
            toy_runner(tmp_path / 'a', [STOP, Wrong()]).train()
        os.kill(os.getpid(), signal.SIGTERM)
        assert heard == [signal.SIGTERM]
        assert signal.getsignal(signal.SIGTERM) is listener


def test_the_next_training_gives_the_signal_back_to_the_process(tmp_path):
    with listening() as (_, listener):
        with pytest.raises(ArithmeticError):
            toy_runner(tmp_path / 'a', [STOP, Wrong()]).train()
        toy_runner(tmp_path / 'b', [STOP], epochs=1).train()
        assert signal.getsignal(signal.SIGTERM) is listener
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


@pytest.mark.parametrize(('later', 'heard'), [(9.0, 0), (11.0, 1)])
def test_a_second_signal_ends_a_long_validation_but_not_one_that_came_twice(tmp_path, monkeypatch, later, heard):
    clock = SimpleNamespace(monotonic=lambda: clock.now, now=5.0)
    monkeypatch.setattr(stop_signal_hook, 'time', clock)

    class Twice(Hook):
        def before_val_epoch(self, runner):
            if runner.epoch == 1:
                os.kill(os.getpid(), signal.SIGTERM)
                clock.now += later
                os.kill(os.getpid(), signal.SIGTERM)
                assert len(signals) == heard

        def before_save_checkpoint(self, runner, checkpoint):
            clock.now += 100
            if not heard:
                os.kill(os.getpid(), signal.SIGTERM)  # while the training is saved

    with listening() as (signals, _):
        with pytest.raises(SystemExit):  # also after the second: this process's own handler does not end it
            toy_runner(tmp_path, [STOP, Twice()], epochs=2, scores=SCORES, checkpoint=dict(interval=5)).train()
        assert len(signals) == heard
    assert [path.name for path in tmp_path.glob('stopped*')] == ['stopped_iter_4.pth']


def test_a_stop_that_cannot_be_saved_gives_the_signal_back_too(tmp_path):
    class Full(Hook):
        def before_save_checkpoint(self, runner, checkpoint):
            raise FileExistsError('full')

    with listening() as (_, listener):
        with pytest.raises(FileExistsError, match='full'):
            toy_runner(tmp_path, [STOP, Tell(step=1), Full()]).train()
        assert signal.getsignal(signal.SIGTERM) is listener

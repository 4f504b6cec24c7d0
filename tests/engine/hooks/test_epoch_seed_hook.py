"""What a network sees in training: runs of a small one, whole and in parts."""

import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmengine.dataset import RepeatDataset
from mmengine.hooks import Hook
from mmengine.model import BaseModel
from mmengine.runner import Runner
from torch import nn
from torch.utils.data import Dataset, IterableDataset

import mmsepbn.registry  # noqa: F401

BATCHES, BATCH_SIZE = 4, 2


class Noise(Dataset):
    def __len__(self):
        return BATCHES * BATCH_SIZE

    def __getitem__(self, index):
        return torch.tensor([index, np.random.rand()], dtype=torch.float32)


class Network(BaseModel):
    """Regresses noise; keeps what it saw."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.layer = nn.Linear(2, 1)
        self.register_buffer('seen', torch.full((100, 2), torch.inf))

    def forward(self, *inputs, mode='tensor'):
        batch = torch.stack(inputs)
        self.seen[self.seen.isinf().all(1).nonzero()[: len(batch), 0]] = batch
        return dict(loss=self.layer(batch).square().mean())


class StopAfter(Hook):
    """Save within an epoch and end, as at a signal."""

    priority = 'LOWEST'

    def __init__(self, iteration):
        self.iteration = iteration

    def after_train_iter(self, runner, batch_idx, data_batch=None, outputs=None):
        if runner.iter + 1 == self.iteration:
            runner.save_checkpoint(runner.work_dir, 'stopped.pth', by_epoch=False)
            raise KeyboardInterrupt


def make_runner(
    folder,
    dataset=None,
    workers=0,
    resume=None,
    hooks=(),
    train_cfg=None,
    sampler='DefaultSampler',
    seed=5,
    accumulate=1,
):
    shuffled = dict(type=sampler, shuffle=True)
    return Runner(
        model=Network(),
        work_dir=str(folder),
        train_dataloader=dict(
            dataset=dataset or Noise(),
            batch_size=BATCH_SIZE,
            num_workers=workers,
            persistent_workers=workers > 0,
            sampler=shuffled,
        ),
        train_cfg=train_cfg or dict(by_epoch=True, max_epochs=3),
        optim_wrapper=dict(accumulative_counts=accumulate, optimizer=dict(type='SGD', lr=0.01, momentum=0.9)),
        default_hooks=dict(logger=None, checkpoint=None),
        custom_hooks=[dict(type='mmsepbn.EpochSeedHook'), *hooks],
        load_from=resume,
        resume=resume is not None,
        randomness=dict(seed=seed),
        experiment_name=f'{folder.name}-{np.random.randint(10**9)}',
        default_scope='mmengine',
        log_level='WARNING',
        cfg=Config(),
    )


def train(*args, **kwargs):
    return make_runner(*args, **kwargs).train().state_dict()


def seen(state):
    """Indices and noise of all draws of a run."""
    return state['seen'][state['seen'].isfinite().all(1)]


def repeated():
    """MMEngine's wrapper; its constructor takes sets of MMEngine only."""
    dataset = RepeatDataset.__new__(RepeatDataset)
    dataset.dataset, dataset.times, dataset._ori_len, dataset._fully_initialized = Noise(), 2, len(Noise()), True
    dataset._metainfo = {}
    return dataset


@pytest.fixture(scope='module', autouse=True)
def no_environment():
    """The log's list of compilers and devices takes seconds."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr('mmengine.runner.runner.collect_env', dict)
        yield


@pytest.fixture(scope='module')
def whole(tmp_path_factory):
    return train(tmp_path_factory.mktemp('whole'))


@pytest.mark.parametrize('workers', [0, 2])
@pytest.mark.parametrize('iteration', [4, 6])
def test_a_run_stopped_within_an_epoch_resumes_exactly(tmp_path, whole, iteration, workers):
    with pytest.raises(KeyboardInterrupt):
        train(tmp_path, hooks=[StopAfter(iteration)])
    resumed = train(tmp_path, resume=str(tmp_path / 'stopped.pth'), workers=workers)
    assert len(seen(whole)) == 3 * BATCHES * BATCH_SIZE
    assert all(torch.equal(resumed[name], value) for name, value in whole.items())


def test_a_checkpoint_of_an_earlier_version_resumes_exactly_where_all_epochs_had_one_length(tmp_path, whole):
    with pytest.raises(KeyboardInterrupt):
        train(tmp_path, hooks=[StopAfter(6)])
    content = torch.load(tmp_path / 'stopped.pth', weights_only=False)
    del content['message_hub']['runtime_info']['epoch_began'], content['message_hub']['resumed_keys']['epoch_began']
    torch.save(content, tmp_path / 'earlier.pth')
    resumed = train(tmp_path / 'resumed', resume=str(tmp_path / 'earlier.pth'))  # its hub is new as well
    assert all(torch.equal(resumed[name], value) for name, value in whole.items())


def test_every_draw_of_a_run_is_augmented_anew(whole):
    assert len(seen(whole)[:, 1].unique()) == len(seen(whole))


@pytest.mark.parametrize('workers', [0, 2])
def test_repeated_sets_are_augmented_anew_whatever_the_workers(tmp_path, workers):
    drawn = seen(train(tmp_path, dataset=repeated(), workers=workers))
    assert len(drawn[:, 1].unique()) == len(drawn) == 2 * 3 * BATCHES * BATCH_SIZE


def test_an_epoch_of_another_length_begins_anew(tmp_path):
    with pytest.raises(KeyboardInterrupt):
        train(tmp_path, hooks=[StopAfter(6)])
    resumed = train(tmp_path, dataset=repeated(), resume=str(tmp_path / 'stopped.pth'))
    assert len(seen(resumed)) == 6 * BATCH_SIZE + 2 * 2 * BATCHES * BATCH_SIZE


def test_iterations_are_counted_by_the_present_length_of_epochs(tmp_path):
    """MMEngine counts all epochs by it: 12 in three epochs of 4, of which 12 are done, and gradients add up to none."""
    with pytest.raises(KeyboardInterrupt):
        train(tmp_path, dataset=repeated(), hooks=[StopAfter(12)])
    again = dict(resume=str(tmp_path / 'stopped.pth'), accumulate=2)
    runner = make_runner(tmp_path, hooks=[StopAfter(18)], **again)
    with pytest.raises(KeyboardInterrupt):
        runner.train()
    assert (runner.epoch, runner.max_iters) == (2, 20)
    runner = make_runner(tmp_path, **again)
    runner.train()
    assert runner.iter == runner.max_iters == runner.optim_wrapper._max_counts == 20


@pytest.mark.parametrize('seed', [None, 0])
@pytest.mark.parametrize(
    'settings',
    [dict(), dict(sampler='InfiniteSampler', train_cfg=dict(by_epoch=False, max_iters=12))],
    ids=['by epochs', 'by iterations'],
)
def test_a_run_resumed_with_another_seed_draws_as_before(tmp_path, whole, settings, seed):
    expected = train(tmp_path, **settings) if settings else whole
    with pytest.raises(KeyboardInterrupt):
        train(tmp_path, hooks=[StopAfter(6)], **settings)
    for at in (8, 12):  # a second time as well
        hooks = [StopAfter(at)] * (at < 12)
        runner = make_runner(tmp_path, resume=str(tmp_path / 'stopped.pth'), seed=seed, hooks=hooks, **settings)
        if hooks:
            with pytest.raises(KeyboardInterrupt):
                runner.train()
    resumed = runner.train().state_dict()
    assert all(torch.equal(resumed[name], value) for name, value in expected.items())


@pytest.mark.parametrize('sampler', ['InfiniteSampler', 'DefaultSampler'])
def test_training_by_iterations_is_seeded_and_resumes_exactly(tmp_path, sampler, monkeypatch):
    monkeypatch.setattr('time.sleep', lambda seconds: None)  # MMEngine waits at the end of the data
    by_iterations = dict(sampler=sampler, train_cfg=dict(by_epoch=False, max_iters=7))
    expected = train(tmp_path, **by_iterations)
    assert len(seen(expected)[:, 1].unique()) == len(seen(expected)) == 7 * BATCH_SIZE
    with_workers = train(tmp_path, workers=2, **by_iterations)
    assert torch.equal(seen(with_workers), seen(expected))
    with pytest.raises(KeyboardInterrupt):
        train(tmp_path, hooks=[StopAfter(5)], **by_iterations)
    resumed = train(tmp_path, workers=2, resume=str(tmp_path / 'stopped.pth'), **by_iterations)
    assert all(torch.equal(resumed[name], value) for name, value in expected.items())


def test_a_set_without_indices_is_named(tmp_path, monkeypatch):
    class Stream(IterableDataset):
        def __iter__(self):
            return iter(torch.ones(4, 2))

    runner = make_runner(tmp_path)
    loop = runner.build_train_loop(dict(by_epoch=True, max_epochs=1))
    loop.dataloader = torch.utils.data.DataLoader(Stream(), 2)
    runner._train_loop = loop
    said = []
    monkeypatch.setattr(runner.logger, 'warning', said.append)
    runner.call_hook('before_train')
    assert 'training loader of Stream has no batches of indices' in said[0]

"""Two processes, whose running statistics differ: the averaged network that is validated is the one that is saved."""

import os

import pytest
import torch
from helpers import run_two_ranks
from mmengine.config import Config
from mmengine.hooks import Hook
from toy_training import assert_same, toy_runner, weights

WRAPPER = dict(type='MMDistributedDataParallel', device_ids=None, broadcast_buffers=False)


class Look(Hook):
    """Keeps the weights that are validated."""

    priority = 'LOWEST'

    def before_val_epoch(self, runner):
        self.seen = {name: value.clone() for name, value in runner.model.module.state_dict().items()}


def train(rank, folder):
    os.environ['LOCAL_RANK'] = str(rank)
    sync = dict(type='mmsepbn.SyncBuffersHook')
    for update_buffers in (False, True):
        for by_epoch in (True, False):
            place, look = folder / f'{update_buffers}_{by_epoch}', Look()
            average = dict(type='EMAHook', momentum=0.1, update_buffers=update_buffers)
            config = Config(dict(launcher='pytorch', model_wrapper_cfg=WRAPPER))
            runner = toy_runner(place, [sync, average, look], scores=[1.0] * 3, cfg=config, launcher='pytorch')
            if not by_epoch:
                runner._train_loop = dict(by_epoch=False, max_iters=2, val_interval=2)
            runner.train()
            torch.save(look.seen, place / f'seen_{rank}.pt')


@pytest.fixture(scope='module')
def trained(tmp_path_factory):
    folder = tmp_path_factory.mktemp('trained')
    run_two_ranks(train, folder)
    return folder


@pytest.mark.parametrize('update_buffers', [False, True])
def test_the_network_validated_is_the_one_saved(trained, update_buffers):
    place = trained / f'{update_buffers}_True'
    first, second = (torch.load(place / f'seen_{rank}.pt') for rank in (0, 1))
    assert_same(first, second)
    assert_same(weights(place / 'epoch_3.pth'), first)


@pytest.mark.parametrize('update_buffers', [False, True])
def test_training_by_iterations_validates_one_network(trained, update_buffers):
    first, second = (torch.load(trained / f'{update_buffers}_False' / f'seen_{rank}.pt') for rank in (0, 1))
    assert_same(first, second)

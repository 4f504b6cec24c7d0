"""Trainings of milliseconds that note the rates of each step."""

from mmengine.config import Config
from mmengine.hooks import Hook
from mmengine.optim import OptimWrapper, OptimWrapperDict
from torch.optim import SGD, Adam
from toy_training import Toy, loader_of, toy_runner

from mmsepbn.engine import EpochSeedHook

POLY = dict(type='PolyLR', eta_min=0.01, by_epoch=False, end=12)
# As our recipes: a warm-up of an epoch, step by step, and a cosine to the end of the training.
COSINE = [
    dict(type='LinearLR', start_factor=0.1, end=1, convert_to_iter_based=True),
    dict(type='CosineAnnealingLR', begin=1, convert_to_iter_based=True),
]
# Epochs and steps in turn; the momentum too.
STEPS = [
    dict(type='MultiStepLR', milestones=[1, 3], gamma=0.5),
    dict(type='LinearMomentum', start_factor=0.5, by_epoch=False),
    dict(type='ExponentialLR', gamma=0.9, by_epoch=False),
]


class TwoOptimizers(Toy):
    """Steps with each of several optimizers."""

    def train_step(self, data, optim_wrapper):
        loss = self(**self.data_preprocessor(data, True), mode='loss')['loss']
        loss.backward()
        for each in optim_wrapper.values():
            each.step()
            each.zero_grad()
        return dict(loss=loss)


class Rates(Hook):
    """Notes learning rate and momentum, of Adam its betas, of each step and group; saves after the step ``save``."""

    priority = 'LOWEST'

    def __init__(self, save):
        self.seen = []
        self.save = save

    def before_train_iter(self, runner, batch_idx, data_batch=None):
        groups = runner.optim_wrapper.param_groups
        groups = [group for each in groups.values() for group in each] if isinstance(groups, dict) else groups
        self.seen.append([(each['lr'], each.get('momentum'), each.get('betas')) for each in groups])

    def after_train_iter(self, runner, batch_idx, data_batch=None, outputs=None):
        if runner.iter + 1 == self.save:
            runner.save_checkpoint(runner.work_dir, 'within.pth', by_epoch=False)


def train(folder, epochs, schedule, lr=0.1, listener=None, kind='sgd', batch=4, save=None, seeded=True, **settings):
    """A training on 16 rows; returns its learning rates and momenta.

    ``kind``: adam; split is of two groups of parameters, the second of five times the rate, to which MMEngine adds one
    of none; two is of an optimizer for each.
    """
    rates = Rates(save)
    runner = toy_runner(
        folder,
        [rates],
        epochs,
        model=TwoOptimizers() if kind == 'two' else None,
        cfg=Config(dict(train_cfg=dict(max_epochs=epochs))),
        param_scheduler=schedule,
        checkpoint=dict(max_keep_ckpts=-1),
        train_dataloader=loader_of(batch),
        **settings,
    )
    first, second = (list(part.parameters()) for part in runner.model.backbone)
    if kind == 'split':
        groups = [dict(params=first, lr=lr), dict(params=second, lr=5 * lr)]
        runner.optim_wrapper = OptimWrapper(SGD(groups, lr=2 * lr, momentum=0.9))
    elif kind == 'two':
        wrappers = [OptimWrapper(SGD(first, lr=lr, momentum=0.9)), OptimWrapper(Adam(second, lr=5 * lr))]
        runner.optim_wrapper = OptimWrapperDict(first=wrappers[0], second=wrappers[1])
    elif kind == 'adam':
        runner.optim_wrapper = OptimWrapper(Adam(runner.model.parameters(), lr=lr))
    else:
        runner.optim_wrapper.optimizer.param_groups[0].update(lr=lr, weight_decay=lr / 10)
    if not seeded:
        runner._hooks = [hook for hook in runner.hooks if not isinstance(hook, EpochSeedHook)]
    if listener is not None:
        runner.logger.addHandler(listener)
    runner.train()
    return rates.seen

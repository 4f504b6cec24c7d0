"""A hook that writes each process's model after training, for tests that compare the ranks."""

from pathlib import Path

import torch
from mmengine.dist import get_rank
from mmengine.hooks import Hook
from mmengine.registry import HOOKS


@HOOKS.register_module()
class RankStateHook(Hook):
    def after_train(self, runner):
        model = getattr(runner.model, 'module', runner.model)
        torch.save(model.state_dict(), Path(runner.work_dir) / f'rank_{get_rank()}.pth')

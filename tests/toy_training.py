"""A training of milliseconds with MMEngine's Runner, for tests of hooks."""

import uuid

import torch
from mmengine.evaluator import BaseMetric
from mmengine.model import BaseModel
from mmengine.optim import OptimWrapper
from mmengine.runner import Runner
from torch import nn
from torch.utils.data import Dataset

import mmsepbn.registry  # noqa: F401


class Numbers(Dataset):
    """16 rows, each a function of its index and the random numbers that torch draws then."""

    def __len__(self):
        return 16

    def __getitem__(self, index):
        generator = torch.Generator().manual_seed(index)
        return dict(x=torch.randn(4, generator=generator) + 0.1 * torch.randn(4))


class Toy(BaseModel):
    """A linear layer that is to return its input."""

    def __init__(self, width=4):
        super().__init__()
        self.backbone = nn.Sequential(nn.Linear(width, width), nn.BatchNorm1d(width))

    def forward(self, x, mode='tensor'):
        out = self.backbone(torch.stack(list(x)))
        return dict(loss=(out - torch.stack(list(x))).square().mean()) if mode == 'loss' else list(out)


class Scores(BaseMetric):
    """Returns the scores it was given, one, or one dict of several, at each validation."""

    def __init__(self, scores):
        super().__init__()
        self.scores = list(scores)

    def process(self, data_batch, data_samples):
        self.results.append(0)

    def compute_metrics(self, results):
        score = self.scores.pop(0)
        return score if isinstance(score, dict) else dict(score=score)


def loader_of(batch):
    """A shuffled loader of the 16 rows."""
    sampler = dict(type='DefaultSampler', shuffle=True)
    return dict(dataset=Numbers(), sampler=sampler, batch_size=batch, num_workers=0)


def toy_runner(folder, hooks=(), epochs=3, scores=None, model=None, checkpoint=None, **settings):
    """A Runner of four steps an epoch; ``scores`` of its validations, ``checkpoint`` settings of the hook."""
    torch.manual_seed(0)
    model = model or Toy()
    loader = loader_of(batch=4)
    validation = {}
    if scores is not None:
        validation = dict(
            val_dataloader=dict(loader, sampler=dict(type='DefaultSampler', shuffle=False)),
            val_cfg=dict(),
            val_evaluator=[Scores(scores)],
        )
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    base = dict(type='mmsepbn.SafeCheckpointHook', interval=1, max_keep_ckpts=2)
    return Runner(
        model=model,
        work_dir=str(folder),
        train_dataloader=settings.pop('train_dataloader', loader),
        train_cfg=dict(by_epoch=True, max_epochs=epochs),
        optim_wrapper=OptimWrapper(optimizer),
        param_scheduler=settings.pop('param_scheduler', dict(type='PolyLR', eta_min=0.01, by_epoch=False, end=12)),
        default_hooks=dict(
            logger=None,
            checkpoint={**base, **(checkpoint or {})},
            epoch_seed=dict(type='mmsepbn.EpochSeedHook'),
            exact=dict(type='mmsepbn.ExactCheckpointHook', **settings.pop('exact', {})),
        ),
        custom_hooks=list(hooks),
        randomness=dict(seed=0),
        experiment_name=uuid.uuid4().hex,  # MMEngine keeps loggers and logs by name
        default_scope='mmpose',  # MMEngine keeps the scope of the last Runner
        log_level='WARNING',
        **validation,
        **settings,
    )


def weights(path):
    return torch.load(path, weights_only=True)['state_dict']


def assert_same(first, second):
    assert first.keys() == second.keys()
    assert [name for name in first if not torch.equal(first[name], second[name])] == []

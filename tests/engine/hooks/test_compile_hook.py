"""The backbone compiled by torch."""

import torch
from mmengine.hooks import EMAHook
from mmengine.model import BaseModel
from torch import nn
from toy_training import toy_runner

from mmsepbn import CompileHook, SepBN, VanillaCNN


class Network(BaseModel):
    """Vanilla CNN with SepBN for images of 2 x 2 pixels."""

    def __init__(self):
        super().__init__()
        self.backbone = VanillaCNN(widths=(8,), norm_cfg=dict(type=SepBN, pool_size=2), in_channels=1)
        self.head = nn.Linear(8, 4)

    def forward(self, x, mode='tensor'):
        images = torch.stack(list(x))
        out = self.head(self.backbone(images.reshape(-1, 1, 2, 2))[0].flatten(1))
        return dict(loss=(out - images).square().mean()) if mode == 'loss' else list(out)


class Compiler:
    """A backend of torch.compile that counts the graphs it gets and leaves them as they are."""

    def __init__(self):
        self.graphs = 0

    def __call__(self, graph, inputs):
        self.graphs += 1
        return graph.forward


def trained(folder, *hooks):
    torch.manual_seed(1)
    model = Network()
    toy_runner(folder, hooks=hooks, epochs=2, model=model).train()
    return model.state_dict()


def assert_close(found, expected):
    assert list(found) == list(expected)
    for name, value in expected.items():
        torch.testing.assert_close(found[name], value, rtol=1e-4, atol=1e-5)


def test_the_backbone_is_one_graph_and_trains_as_without_it(tmp_path):
    compiler = Compiler()
    compiled = trained(tmp_path / 'a', CompileHook(backend=compiler, fullgraph=True))
    assert compiler.graphs == 1
    assert_close(compiled, trained(tmp_path / 'b'))


def test_it_goes_with_a_mean_of_the_weights(tmp_path):
    average, plain = EMAHook(), EMAHook()
    trained(tmp_path / 'a', CompileHook(backend='eager'), average)
    trained(tmp_path / 'b', plain)
    assert_close(average.ema_model.module.state_dict(), plain.ema_model.module.state_dict())

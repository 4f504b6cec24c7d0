import torch

from mmsepbn.models.norms.eager import runs_eagerly


def test_function_transforms_and_forward_derivatives_are_not_eager():
    seen = []

    def look(x):
        seen.append(runs_eagerly())
        return x.square().sum()

    x = torch.ones(2, 2)
    look(x), torch.vmap(look)(x), torch.func.jvp(look, (x,), (x,))
    with torch.autograd.forward_ad.dual_level():
        look(x)
    assert seen == [True, False, False, False]

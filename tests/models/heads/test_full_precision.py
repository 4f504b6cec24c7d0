from collections import namedtuple

import torch
from torch import nn

from mmsepbn.models.heads.full_precision import full_precision

Pyramid = namedtuple('Pyramid', ['low', 'high'])


def test_nested_maps_keep_their_containers():
    low, high = torch.ones(1, 2), torch.full((1, 2), 3.0)
    given = [Pyramid(low.half(), high.bfloat16()), (low.half(), [high.half()])]
    with torch.autocast('cpu', dtype=torch.bfloat16), full_precision(nn.Linear(2, 1), given) as cast:
        assert not torch.is_autocast_enabled('cpu')
    assert cast == [Pyramid(cast[0].low, cast[0].high), (cast[1][0], [cast[1][1][0]])]
    assert type(cast[0]) is Pyramid
    for found, expected in ((cast[0].low, low), (cast[0].high, high), (cast[1][0], low), (cast[1][1][0], high)):
        assert found.dtype == torch.float32
        assert torch.equal(found, expected)

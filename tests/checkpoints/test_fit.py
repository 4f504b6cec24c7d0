import copy

import pytest
import torch
from mmengine.model import ExponentialMovingAverage
from mmengine.model.wrappers import MMDistributedDataParallel
from torch import nn
from torch.distributed.algorithms._checkpoint.checkpoint_wrapper import checkpoint_wrapper

from mmsepbn.checkpoints.file import CheckpointError
from mmsepbn.checkpoints.fit import require_exact, require_filled, state_of, unwrapped, widened
from mmsepbn.models import SepBN


def network(norm=SepBN, width=8):
    return nn.Sequential(nn.Conv2d(3, width, 1), norm(width))


def test_a_wrapped_network_has_its_own_names(tmp_path):
    inner = network()
    compiled = torch.compile(inner)
    assert unwrapped(compiled) is unwrapped(inner) is inner
    torch.distributed.init_process_group('gloo', f'file://{tmp_path / "store"}', rank=0, world_size=1)
    try:
        assert unwrapped(MMDistributedDataParallel(module=compiled)) is inner
    finally:
        torch.distributed.destroy_process_group()


def test_only_half_precision_in_place_of_float32_is_widened():
    own = dict(a=torch.zeros(2, 2), b=torch.zeros(2, dtype=torch.float16), c=torch.zeros(2), d=torch.zeros(2))
    given = dict(
        a=torch.tensor([[0.1, 1e-7], [65504.0, -3.0]], dtype=torch.float16),
        b=torch.ones(2, dtype=torch.float16),
        c=torch.ones(2, dtype=torch.bfloat16),
        d=torch.ones(2, dtype=torch.float64),
        e=torch.ones(2, dtype=torch.float16),
        f='no tensor',
    )
    found = widened(own, given)
    assert found['a'].dtype == torch.float32
    assert found['a'].numpy().tolist() == given['a'].numpy().astype('float32').tolist()
    assert all(found[name] is given[name] for name in 'bcdef')
    with pytest.raises(CheckpointError, match=r'(?s)c is torch\.bfloat16.*d is torch\.float64'):
        require_exact(own, found)


@pytest.mark.parametrize(
    'wrap',
    [
        torch.compile,
        checkpoint_wrapper,
        ExponentialMovingAverage,
        lambda model: nn.Sequential(torch.compile(model[0]), model[1]),
    ],
)
def test_weights_fit_whatever_wrapped_the_network_that_saved_or_loads_them(wrap):
    plain = network()
    wrapped = wrap(copy.deepcopy(plain))
    state = {name: value for name, value in wrapped.state_dict().items() if name != 'steps'}
    require_exact(plain.state_dict(), state_of(dict(state_dict=state), plain))
    own = unwrapped(wrapped) if not isinstance(wrapped, ExponentialMovingAverage) else wrapped.module
    given = state_of(dict(state_dict=plain.state_dict()), own)
    require_exact(own.state_dict(), given)
    own.load_state_dict(given, strict=True)


def changed(name, value):
    state = network().state_dict()
    state[name] = value(state[name]) if callable(value) else value
    return state


FAULTS = [
    (changed('0.bias', lambda v: v * float('nan')), '0.bias is not finite'),
    (changed('1.norm.running_var', lambda v: v / 0), '1.norm.running_var is not finite'),
    (changed('0.bias', lambda v: v.long()), '0.bias is torch.int64 instead of torch.float32'),
    (changed('0.bias', lambda v: v.to_sparse()), '0.bias is sparse'),
    (changed('0.bias', lambda v: v.to('meta')), '0.bias is sparse, quantized or without values'),
    (changed('0.bias', [1.0]), '0.bias is a list instead of a tensor'),
    (changed('0.bias', None), '0.bias is a NoneType instead of a tensor'),
]


@pytest.mark.parametrize(('state', 'message'), FAULTS)
def test_what_load_state_dict_would_take_or_skip_is_refused(state, message):
    with pytest.raises(CheckpointError, match=message):
        require_exact(network().state_dict(), state)
    with pytest.raises(CheckpointError, match=message):
        require_filled(network(), state)


def test_halved_weights_may_start_a_training_and_not_go_on_with_one():
    state = {
        name: value.half() if value.is_floating_point() else value for name, value in network().state_dict().items()
    }
    assert require_filled(network(), state) == len(state)
    with pytest.raises(CheckpointError, match=r'is torch.float16 instead of torch.float32'):
        require_exact(network().state_dict(), state)


@pytest.mark.parametrize('state', [{}, None, [1], {1: torch.ones(1)}])
def test_a_checkpoint_without_weights_is_refused(state):
    with pytest.raises(CheckpointError, match=r'has no weights'):
        state_of(dict(state_dict=state), network())


def test_a_batch_norm_fills_a_sepbn_and_the_network_is_left_as_it_is():
    source, target = network(nn.BatchNorm2d), network()
    before = copy.deepcopy(target.state_dict())
    assert require_filled(target, source.state_dict()) == len(before)
    assert all(torch.equal(value, before[name]) for name, value in target.state_dict().items())


@pytest.mark.parametrize(
    ('source', 'messages'),
    [
        (network(width=4), [r'0.weight: .*\[4, 3, 1, 1\].*\[8, 3, 1, 1\]', '7 tensors differ']),
        (nn.Sequential(nn.Conv2d(3, 8, 1)), ['1.weight is missing', '1.temperature is missing']),
        (nn.Sequential(*network(), nn.Conv2d(8, 8, 1)), ['2.weight is not in the model', '2 tensors differ']),
        (nn.Sequential(nn.Identity(), network()), ['0.weight is missing', 'and 17 more']),
    ],
)
def test_weights_of_another_network_do_not_start_a_training(source, messages):
    with pytest.raises(CheckpointError) as refusal:
        require_filled(network(), source.state_dict())
    for message in messages:
        refusal.match(message)
    assert str(refusal.value).count('\n  ') <= 11


def test_only_the_parts_that_are_named_may_start_anew():
    source = nn.Sequential(nn.Conv2d(3, 8, 1)).state_dict()
    assert require_filled(network(), source, ['1.']) == 2
    with pytest.raises(CheckpointError, match=r'1.weight is missing'):
        require_filled(network(), source, ['2.'])


def with_mask(*values):
    model = nn.Linear(2, 3)
    model.register_buffer('mask', torch.tensor(values))
    return model


INF, NAN = float('inf'), float('nan')


@pytest.mark.parametrize('given', [(-INF, NAN, 0.0), (INF, NAN, 1.0), (0.0, 0.0, 0.0), (-INF, INF, 0.0)])
def test_a_value_may_be_infinite_where_the_networks_own_is(given):
    own, state = with_mask(-INF, NAN, 0.0), with_mask(*given).state_dict()
    require_exact(own.state_dict(), state)
    assert require_filled(own, state) == 3


@pytest.mark.parametrize('given', [(NAN, NAN, 0.0), (-INF, NAN, INF), (-INF, NAN, NAN), (-INF, NAN), (-INF,) * 4])
def test_a_value_is_not_to_be_infinite_where_the_networks_own_is_finite(given):
    own, state = with_mask(-INF, NAN, 0.0), with_mask(*given).state_dict()
    for check in (lambda: require_exact(own.state_dict(), state), lambda: require_filled(own, state)):
        with pytest.raises(CheckpointError, match='mask is'):
            check()


def used(model):
    """The network after a forward pass, which leaves computed tensors in it."""
    model(torch.randn(1, 2))
    return model


class Remembers(nn.Linear):
    """Keeps what it computed, in a list."""

    def forward(self, x):
        self.seen = [super().forward(x)]
        return self.seen[0]


COMPUTED = [
    lambda: nn.utils.weight_norm(nn.Linear(2, 2)),
    lambda: nn.utils.spectral_norm(nn.Linear(2, 2)),
    lambda: nn.utils.parametrizations.weight_norm(nn.Linear(2, 2)),
    lambda: nn.LSTM(2, 2),
    lambda: Remembers(2, 2),
]


@pytest.mark.filterwarnings('ignore::FutureWarning')
@pytest.mark.parametrize('make', COMPUTED)
def test_networks_that_hold_computed_tensors_are_filled_and_left_as_they_are(make):
    model, other = used(make()), make()
    before = {name: (value.clone(), value.data_ptr()) for name, value in model.state_dict().items()}
    assert require_filled(model, other.state_dict()) == len(before)
    for name, value in model.state_dict().items():
        assert torch.equal(value, before[name][0])
        assert value.data_ptr() == before[name][1]
    state = other.state_dict()
    name, value = next(iter(state.items()))
    with pytest.raises(CheckpointError, match=rf'(?s){name} is missing'):
        require_filled(model, {key: value for key, value in state.items() if key != name})
    with pytest.raises(CheckpointError, match=rf'size mismatch for {name}'):
        require_filled(model, {**state, name: torch.ones(7, 7)})


def test_the_copy_that_reads_the_weights_takes_no_memory(monkeypatch):
    """A network may fill the GPU."""
    cloned = []
    monkeypatch.setattr(torch.Tensor, 'clone', lambda self, *_, **__: cloned.append(self) or self)
    model = network()
    require_filled(model, model.state_dict())
    assert not cloned

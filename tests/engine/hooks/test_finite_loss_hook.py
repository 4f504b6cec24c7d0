from types import SimpleNamespace
from unittest.mock import Mock

import pytest
import torch
from helpers import data_sample, run_two_ranks
from mmengine.optim import AmpOptimWrapper, OptimWrapper
from torch import nn
from toy_training import Toy, assert_same, toy_runner

from mmsepbn.engine import FiniteLossHook
from mmsepbn.engine.hooks import finite_loss_hook
from mmsepbn.engine.non_finite import NonFiniteError, sums_finite


class Network(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.second = nn.Linear(2, 2), nn.Sequential(nn.Linear(2, 2), nn.ReLU())
        self.norm = nn.BatchNorm1d(2)

    def forward(self, inputs, data_samples=(), mode='loss'):
        target = sum(sample.gt_instance_labels.keypoint_labels.sum() for sample in data_samples)
        return {'loss_kpt': self.second(self.norm(self.first(inputs))).mean() - target, 'acc': torch.tensor(torch.nan)}


def watch(model, lr=0.1, clip_grad=None):
    hook = FiniteLossHook()
    wrapper = OptimWrapper(torch.optim.SGD(model.parameters(), lr=lr), clip_grad=clip_grad)
    hook.before_train(SimpleNamespace(model=model, iter=7, epoch=1, optim_wrapper=wrapper))
    return hook, wrapper


@pytest.fixture
def model():
    torch.manual_seed(0)
    network = Network()
    watch(network)
    return network


def says(words):
    return pytest.raises(NonFiniteError, match=f'iteration 7 .epoch 1. is not finite. First: {words}')


def all_tensors(model):
    return [value.clone() for value in (*model.parameters(), *model.buffers())]


def test_finite_losses_pass_whatever_else_is_logged(model):
    assert torch.isfinite(model(torch.ones(3, 2))['loss_kpt'])


def test_an_input_comes_first_and_names_its_image(model):
    inputs = torch.ones(3, 2)
    inputs[1, 0] = torch.nan
    samples = [data_sample([[0.0, 0.0]], img_path=f'{i}.jpg', id=i) for i in range(3)]
    with says(r'the input 1 of the batch \(1.jpg, face 1\)'):
        model(inputs, samples)


def test_a_target_names_its_image(model):
    samples = [data_sample([[0.0, value]], img_path=f'{i}.jpg', id=i) for i, value in enumerate((0, 1, torch.inf))]
    with says(r'the target keypoint_labels of the input 2 of the batch \(2.jpg, face 2\)'):
        model(torch.ones(3, 2), samples)


def test_a_parameter_that_an_update_ruined_is_named(model):
    model.second[0].bias.data[1] = float('inf')
    with says(r'the parameter second.0.bias, already non-finite before this step'):
        model(torch.ones(3, 2))


@pytest.mark.parametrize('training', [True, False])
def test_a_buffer_that_was_ruined_before_is_named(model, training):
    model.norm.train(training)
    model.norm.running_mean[0] = torch.nan
    model.second[0].weight.data.fill_(3e38)
    with says(r'the buffer norm.running_mean, already non-finite before this step'):
        model(torch.randn(3, 2) * 1e3)


def test_a_buffer_that_the_step_itself_ruined_is_not_blamed(model):
    model.first.weight.data.fill_(3e38)
    with says(r'the output of first \(Linear\), whose inputs are finite, at most 1e\+03'):
        model(torch.full((3, 2), 1000.0))
    assert not torch.isfinite(model.norm.running_mean).all()


def test_statistics_that_overflow_in_the_step_are_laid_on_it(model):
    """Finite maps whose variance is beyond float32: the buffer becomes infinite, but not before the step."""
    model.first.weight.data.copy_(torch.eye(2) * 1e30)
    model.first.bias.data.zero_()
    model.second[0].weight.data.fill_(3e38)
    model.second[0].bias.data.fill_(3e38)
    with says('loss_kpt itself'):
        model(torch.tensor([[1.0, -1.0], [-1.0, 1.0], [1.0, 1.0]]))
    assert torch.isinf(model.norm.running_var).any()


def test_weights_and_statistics_stay_as_they_were_when_the_origin_is_sought(model):
    nn.init.constant_(model.second[0].weight, 1e38)
    model.second[0].bias.data.fill_(3e38)
    inputs = torch.tensor([[1e3, -1e3], [-1e3, 1e3], [0.0, 5.0]])
    other = Network()
    other.load_state_dict(model.state_dict())
    other(inputs)
    with says(r'the output of second.0 \(Linear\)'):
        model(inputs)
    assert all(torch.equal(a, b) for a, b in zip(all_tensors(other), all_tensors(model), strict=True))


def test_a_loss_that_arises_outside_of_layers_is_named_so(model):
    model.forward = lambda x: {'loss_kpt': model.first(x).sum() / 0}
    with says('loss_kpt itself'):
        model(torch.ones(3, 2))


def test_what_arose_between_layers_is_laid_on_no_layer(model):
    model.forward = lambda x: {'loss_kpt': model.second(model.first(x) * torch.nan).mean()}
    with says(r'the input of second.0 \(Linear\), computed between layers'):
        model(torch.ones(3, 2))


def test_a_loss_that_does_not_come_again_still_ends_training(model):
    values = iter((torch.nan, 1.0))
    model.forward = lambda x: {'loss_kpt': model.first(x).mean() * next(values)}
    with says('unknown'):
        model(torch.ones(3, 2))


def test_a_gradient_is_named_before_it_reaches_the_weights():
    model = Network()
    model.forward = lambda x: {'loss_kpt': model.second[0](model.first(x).abs().mul(0).sqrt()).sum()}
    _, wrapper = watch(model)
    before = all_tensors(model)
    loss = model(torch.ones(3, 2))['loss_kpt']
    assert torch.isfinite(loss)
    with pytest.raises(NonFiniteError, match=r'The gradient of .* First: the gradient of first.bias \(2 parameters'):
        wrapper.update_params(loss)
    assert all(torch.equal(a, b) for a, b in zip(before, all_tensors(model), strict=True))


CLIPS = pytest.mark.parametrize('clip', [dict(max_norm=1.0), dict(type='value', clip_value=1.0)], ids=['norm', 'value'])


@CLIPS
@pytest.mark.parametrize('value', [torch.nan, torch.inf])
def test_a_gradient_is_named_before_it_is_clipped(clip, value):
    """By a norm that is NaN all gradients become so; an infinite value becomes a finite one."""
    model = Network()
    hook, wrapper = watch(model, clip_grad=dict(clip))
    model.first.weight.register_hook(lambda grad: torch.full_like(grad, value))
    before = all_tensors(model)[:4]
    loss = model(torch.randn(3, 2))['loss_kpt']
    with pytest.raises(NonFiniteError, match=r'First: the gradient of first.weight \(1 parameters affected'):
        wrapper.update_params(loss)
    assert all(torch.equal(a, b) for a, b in zip(before, all_tensors(model), strict=False))
    hook.after_train(SimpleNamespace())
    wrapper.step()
    assert wrapper.clip_func in (nn.utils.clip_grad_norm_, nn.utils.clip_grad_value_)


@CLIPS
def test_gradients_to_be_clipped_are_checked_once_and_clipped_as_before(clip, tmp_path, monkeypatch):
    def run(name, *hooks):
        runner = toy_runner(tmp_path / name, hooks, epochs=1)
        runner.optim_wrapper = OptimWrapper(runner.optim_wrapper.optimizer, clip_grad=dict(clip))
        runner.train()
        return runner.model.state_dict()

    plain = run('plain')
    looked = []
    real = finite_loss_hook.sums_finite
    monkeypatch.setattr(finite_loss_hook, 'sums_finite', lambda value: looked.append(type(value)) or real(value))
    assert_same(run('watched', FiniteLossHook()), plain)
    assert looked == [dict, list] * 4  # the losses and the gradients of four steps


def test_steps_that_amps_scaler_leaves_out_do_not_stop_training():
    torch.manual_seed(0)
    model = Network()
    _, wrapper = watch(model)
    scaler = torch.amp.GradScaler('cpu', init_scale=2.0**127)
    before = all_tensors(model)
    scaler.scale(model(torch.randn(3, 2) * 100)['loss_kpt'].square() * 1e3).backward()
    assert not all(torch.isfinite(p.grad).all() for p in model.parameters() if p.grad is not None)
    scaler.step(wrapper.optimizer)
    scaler.update()
    assert scaler.get_scale() < 2.0**127
    assert torch.equal(before[0], model.first.weight)


class NaNGradient(Toy):
    """Its loss is 0, and the gradient of the backbone 0 * inf; not in the steps that ``good`` names."""

    def __init__(self, good=()):
        super().__init__()
        self.good, self.calls = good, 0

    def forward(self, x, mode='tensor'):
        self.calls += 1
        out = self.backbone(torch.stack(list(x))).abs()
        return dict(loss=out.mean() if self.calls - 1 in self.good else out.mul(0).sqrt().sum())


def amp_runner(
    folder, monkeypatch, model, loss_scale='dynamic', epochs=30, fused=False, accumulative_counts=1, clip_grad=None
):
    """AmpOptimWrapper wants a GPU; its scaler and autocast work without one."""
    monkeypatch.setattr('mmengine.optim.optimizer.amp_optimizer_wrapper.is_cuda_available', lambda: True)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, fused=fused)
    runner = toy_runner(folder, [FiniteLossHook()], epochs=epochs, model=model, checkpoint=dict(interval=epochs))
    runner.optim_wrapper = AmpOptimWrapper(
        optimizer=optimizer,
        loss_scale=loss_scale,
        dtype='bfloat16',
        accumulative_counts=accumulative_counts,
        clip_grad=clip_grad,
    )
    scale = loss_scale if isinstance(loss_scale, float) else 2.0**16
    runner.optim_wrapper.loss_scaler = torch.amp.GradScaler('cpu', init_scale=scale)
    return runner


@pytest.mark.parametrize('loss_scale', ['dynamic', 512.0])
@pytest.mark.parametrize('fused', [False, True])
@pytest.mark.parametrize('accumulative_counts', [1, 2])
def test_gradients_that_are_nan_at_any_loss_scale_end_training(
    tmp_path, monkeypatch, loss_scale, fused, accumulative_counts
):
    runner = amp_runner(tmp_path, monkeypatch, NaNGradient(), loss_scale, 30, fused, accumulative_counts)
    with pytest.raises(NonFiniteError, match=r'The gradient of iteration .* First: the gradient of backbone.1.bias '):
        runner.train()
    assert runner.iter + 1 == 50 * accumulative_counts


@pytest.mark.parametrize('loss_scale', ['dynamic', 512.0])
@pytest.mark.parametrize('fused', [False, True])
def test_a_training_of_few_steps_that_amp_leaves_out_goes_on(tmp_path, monkeypatch, loss_scale, fused):
    model = NaNGradient(good=set(range(1000)) - set(range(20, 60)))
    runner = amp_runner(tmp_path, monkeypatch, model, loss_scale, fused=fused)
    runner.train()
    assert runner.iter == model.calls == 120  # no step was repeated in search of an origin


@pytest.mark.parametrize('clip', [None, dict(max_norm=1.0)])
def test_what_amps_scaler_has_checked_is_not_summed_again(tmp_path, monkeypatch, clip):
    looked = []
    real = finite_loss_hook.sums_finite
    monkeypatch.setattr(finite_loss_hook, 'sums_finite', lambda value: looked.append(type(value)) or real(value))
    amp_runner(tmp_path, monkeypatch, Toy(), epochs=1, clip_grad=clip).train()
    assert looked == [dict] * 4  # the losses of four steps


def test_sums_that_overflow_are_no_fault():
    model = Network()
    _, wrapper = watch(model, lr=0.0)
    for parameter in model.parameters():
        parameter.grad = torch.full_like(parameter, 3e38)
    wrapper.step()


def test_a_gpus_numbers_are_looked_at_together(monkeypatch):
    tensors = [torch.ones(2, device='meta')] * 3
    for total, finite in ((2.0, True), (float('inf'), False), (float('nan'), False)):
        monkeypatch.setattr(nn.utils, 'get_total_norm', looked := Mock(return_value=torch.tensor(total)))
        assert bool(sums_finite(dict(loss=tensors))) is finite
        assert len(looked.call_args.args[0]) == 3


@pytest.mark.parametrize(
    ('dtype', 'used'),
    [(torch.float16, False), (torch.bfloat16, True), (torch.float32, True), (torch.float64, True)],
)
def test_a_gpus_numbers_in_half_precision_are_not_squared(monkeypatch, dtype, used):
    monkeypatch.setattr(nn.utils, 'get_total_norm', looked := Mock(return_value=torch.tensor(1.0)))
    sums_finite([torch.ones(2, device='meta'), torch.ones(2, device='meta', dtype=dtype)])
    assert looked.called is used


def test_a_compiled_step_is_watched_too(model):
    compiled = torch.compile(lambda x: model(x)['loss_kpt'], backend='eager')
    assert torch.isfinite(compiled(torch.ones(3, 2)))
    model.second[0].bias.data[1] = float('inf')
    with says('the parameter second.0.bias'):
        compiled(torch.ones(3, 2))


def test_evaluation_and_the_time_after_training_are_not_watched():
    model = Network()
    hook, _ = watch(model)
    bad = torch.full((2, 2), float('nan'))
    with torch.no_grad():
        model(bad)
    hook.after_train(SimpleNamespace())
    model(bad)


class Synchronized(nn.Module):
    """A layer that communicates within the forward pass, as SyncBatchNorm does."""

    def forward(self, x):
        shared = x.detach().mean()
        torch.distributed.all_reduce(shared)
        return x - shared


def one_rank_is_not_finite(rank, folder):
    torch.manual_seed(0)
    model = Network()
    model.norm = Synchronized()
    wrapped = torch.nn.parallel.DistributedDataParallel(model)
    hook = FiniteLossHook()
    wrapper = OptimWrapper(torch.optim.SGD(model.parameters(), lr=0.1))
    hook.before_train(SimpleNamespace(model=wrapped, iter=7, epoch=1, optim_wrapper=wrapper))
    inputs = torch.ones(3, 2)
    wrapper.update_params(wrapped(inputs)['loss_kpt'])
    if rank == 1:
        inputs[2, 1] = torch.inf
    try:
        wrapper.update_params(wrapped(inputs)['loss_kpt'])
        said = 'nothing'
    except NonFiniteError as error:
        said = str(error)
    (folder / str(rank)).write_text(said)


@pytest.mark.slow
def test_processes_stop_together_where_one_alone_is_not_finite(tmp_path):
    run_two_ranks(one_rank_is_not_finite, tmp_path)
    first, second = ((tmp_path / rank).read_text() for rank in '01')
    assert first == second
    assert 'epoch 1, process 1) is not finite. First: the input 2 of the batch' in first

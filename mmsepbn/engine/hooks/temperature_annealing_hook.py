"""Temperature annealing of SepBN's softmax over routes."""

from collections.abc import Mapping, Sequence
from typing import Any

from mmengine.hooks import Hook
from mmengine.runner import EpochBasedTrainLoop, Runner
from torch import nn

from mmsepbn.engine.averages import averages_of
from mmsepbn.engine.run_kind import is_fine_tuning
from mmsepbn.models.norms.functional import routes_are_equal
from mmsepbn.models.norms.sepbn import FIRST_TEMPERATURE, SepBN
from mmsepbn.registry import HOOKS

ANNEALING: dict[str, Any] = dict(start=FIRST_TEMPERATURE, end=1.0, epochs=30)  # the settings and the paper's values


def annealed_temperature(epoch: int, start: float, end: float, epochs: int) -> float:
    """T in the 0-based ``epoch``: ``start`` in epoch 0, falling in equal steps to ``end`` in epoch ``epochs - 1``."""
    if epochs < 2:
        return end
    return start + (end - start) * min(epoch / (epochs - 1), 1.0)


@HOOKS.register_module()
class TemperatureAnnealingHook(Hook):
    """Set the temperature of every SepBN layer at the start of each training epoch; warn of layers with equal routes.

    The layers of an EMAHook's average are set as well; with ``update_buffers=True`` they would lag behind.

    T is a function of the epoch alone, so a resumed run continues it; it is saved with the weights, because it
    decides the output. The defaults are the paper's: from 30 to 1 within the first 30 epochs (Sec. V-A). That T falls
    in equal steps, so by 1 an epoch, is ours.

    configs/_base_/default_runtime.py has it with ``from_config=True``. Its settings are then the config's top-level
    ``temperature``: a dict of ``start``, ``end`` and ``epochs``, or None, also if the key is missing, which keeps T of
    the checkpoint or the layer, as in stage 2. It is silent in a network without SepBN, and yields to another hook of
    this class in the config.

    Args:
        start: first temperature, above 0.
        end: last temperature, above 0.
        epochs: number of the epoch from which on T is ``end``.
        from_config: take these from ``temperature`` of the config.

    Raises:
        ValueError: a temperature of 0 or below, ``epochs`` below 1, ``from_config`` together with other settings;
            before training, another key in the config's ``temperature``, two of these hooks, or training by iterations.
    """

    def __init__(
        self,
        start: float = ANNEALING['start'],
        end: float = ANNEALING['end'],
        epochs: int = ANNEALING['epochs'],
        from_config: bool = False,
    ) -> None:
        for name, value in (('start', start), ('end', end)):
            if not value > 0:
                raise ValueError(f'TemperatureAnnealingHook({name}=) must be above 0. Got {value}.')
        if not epochs >= 1:  # NaN too
            raise ValueError(f'TemperatureAnnealingHook(epochs=) must be at least 1. Got {epochs}.')
        if from_config and dict(start=start, end=end, epochs=epochs) != ANNEALING:
            raise ValueError(
                'TemperatureAnnealingHook(from_config=True) takes start, end, epochs from temperature of the config. '
                f'Got {start}, {end} and {epochs}.'
            )
        self.start, self.end, self.epochs, self.from_config = start, end, epochs, from_config
        self._layers: list[SepBN] = []  # whose temperature this hook sets
        self._loaded = False  # whether it comes from a checkpoint

    def after_load_checkpoint(self, runner: Runner, checkpoint: dict[str, Any]) -> None:
        """Note whether the checkpoint has a temperature, unlike that of a BatchNorm."""
        self._loaded = any(name.endswith('temperature') for name in checkpoint.get('state_dict', checkpoint))

    def before_train(self, runner: Runner) -> None:
        """Find the layers, and log how their temperature is set."""
        layers = _layers_of(runner.model)
        others = [hook for hook in runner.hooks if isinstance(hook, TemperatureAnnealingHook) and hook is not self]
        self._layers = []
        if not layers:
            if not self.from_config:
                runner.logger.info('TemperatureAnnealingHook: the model has no SepBN, nothing to anneal.')
        elif any(hook.from_config == self.from_config for hook in others):
            raise ValueError('The config has two TemperatureAnnealingHooks. Keep one.')
        elif self.from_config and others:
            runner.logger.info('TemperatureAnnealingHook: the one in custom_hooks is used, not the default one.')
        elif self.from_config and (settings := runner.cfg.get('temperature')) is None:
            stays = ', '.join(f'{each:g}' for each in sorted({layer.temperature.item() for layer in layers}))
            runner.logger.info(f'The temperature of SepBN stays at {stays} (temperature=None).')
            _warn_of_equal_routes(runner, layers)
        else:
            if self.from_config:
                self._take(settings)
            if not isinstance(runner.train_loop, EpochBasedTrainLoop):
                raise ValueError(
                    'TemperatureAnnealingHook needs training by epochs (train_cfg.by_epoch=True). Without it, by '
                    "temperature=None in the config, SepBN's temperature stays that of the checkpoint, or in a new "
                    'network that of norm_cfg, such as norm_cfg.temperature=1.'
                )
            self._layers = [layer for model in (runner.model, *averages_of(runner)) for layer in _layers_of(model)]
            runner.logger.info(
                f'The temperature of SepBN falls from {self.start:g} to {self.end:g} in {self.epochs} epochs.'
                if self.epochs > 1
                else f'The temperature of SepBN is {self.end:g} from the first epoch on.'
            )
            self._warn_of_temperature_jump(runner)
            _warn_of_equal_routes(runner, layers)

    def before_train_epoch(self, runner: Runner) -> None:
        """Set T of the coming epoch."""
        temperature = annealed_temperature(runner.epoch, self.start, self.end, self.epochs)
        for layer in self._layers:
            layer.set_temperature(temperature)

    def _warn_of_temperature_jump(self, runner: Runner) -> None:
        """Where a resumed training comes neither from the epoch before nor, stopped in its midst, from this one.

        Or where a new training starts from a network that has been annealed.
        """
        given = self._layers[0].temperature.item()
        before, now = (annealed_temperature(runner.epoch - ago, self.start, self.end, self.epochs) for ago in (1, 0))
        if (runner.epoch or self._loaded) and min(abs(given - before), abs(given - now)) > 1e-4 * given:
            why = 'as its settings have changed.'
            if is_fine_tuning(runner):
                own = '' if self.from_config else ' and no TemperatureAnnealingHook in custom_hooks'
                why = f'as in a training from scratch; with temperature=None{own} it stays.'
            runner.logger.warning(
                f'The temperature of SepBN is {given:g} in the checkpoint and {now:g} from here on, {why}'
            )

    def _take(self, settings: Any) -> None:
        if not isinstance(settings, Mapping) or not set(settings) <= set(ANNEALING):
            known = tuple(ANNEALING)
            raise ValueError(f'temperature of the config must be a dict of {known}, or None. Got {settings}.')
        taken = TemperatureAnnealingHook(**settings)
        self.start, self.end, self.epochs = taken.start, taken.end, taken.epochs


def _layers_of(model: nn.Module) -> list[SepBN]:
    return [module for module in model.modules() if isinstance(module, SepBN)]


def _warn_of_equal_routes(runner: Runner, layers: Sequence[SepBN]) -> None:
    """Where the routes, meant to differ at first, have been made equal: they would hardly diverge."""
    meant = [layer for layer in layers if layer.num_routes > 1 and layer.init_std > 0]
    equal = sum(routes_are_equal(layer.weight, layer.bias) for layer in meant)
    if equal:
        runner.logger.warning(
            f'The routes of {equal} of {len(layers)} SepBN layers are all equal, and will hardly diverge in training. '
            'The initialization of the backbone, or the weights of a BatchNorm in load_from, replaced that of SepBN. '
            "Wrap the backbone in mmsepbn.SepBNBackbone, with such weights in its init_cfg=dict(type='Pretrained'); "
            'see docs/backbones.md.'
        )

"""Temperature annealing of SepBN's softmax over routes."""

from mmengine.hooks import Hook
from mmengine.runner import EpochBasedTrainLoop, Runner

from mmsepbn.models.norms import SepBN
from mmsepbn.registry import HOOKS


def annealed_temperature(epoch: int, start: float = 30.0, end: float = 1.0, epochs: int = 30) -> float:
    """T in the 0-based ``epoch``: ``start`` in epoch 0, falling in equal steps to ``end`` in epoch ``epochs - 1``.

    The defaults are the paper's: from 30 to 1 within the first 30 epochs (Sec. V-A), so by 1 an epoch.
    """
    if epochs < 2:
        return end
    return start + (end - start) * min(epoch / (epochs - 1), 1.0)


@HOOKS.register_module()
class TemperatureAnnealingHook(Hook):
    """Set the temperature of every SepBN layer at the start of each training epoch.

    T is a function of the epoch alone, so a resumed run continues it; it is saved with the weights, because it
    decides the output. A model without SepBN has nothing to anneal, which is logged.

    Args:
        start, end: first and last temperature, above 0.
        epochs: number of the epoch from which on T is ``end``.

    Raises:
        ValueError: a temperature of 0 or below, ``epochs`` below 1; before training, training by iterations.
    """

    def __init__(self, start: float = 30.0, end: float = 1.0, epochs: int = 30) -> None:
        for name, value in (('start', start), ('end', end)):
            if not value > 0:
                raise ValueError(f'TemperatureAnnealingHook({name}=) must be above 0. Got {value}.')
        if not epochs >= 1:  # NaN too
            raise ValueError(f'TemperatureAnnealingHook(epochs=) must be at least 1. Got {epochs}.')
        self.start, self.end, self.epochs = start, end, epochs

    def before_train(self, runner: Runner) -> None:
        """Check that there are epochs to set the temperature by."""
        if not isinstance(runner.train_loop, EpochBasedTrainLoop):
            raise ValueError('TemperatureAnnealingHook needs training by epochs (train_cfg.by_epoch=True).')
        if not self._layers(runner):
            runner.logger.info('TemperatureAnnealingHook: the model has no SepBN, nothing to anneal.')

    def before_train_epoch(self, runner: Runner) -> None:
        """Set T of the coming epoch."""
        temperature = annealed_temperature(runner.epoch, self.start, self.end, self.epochs)
        for layer in self._layers(runner):
            layer.set_temperature(temperature)

    @staticmethod
    def _layers(runner: Runner) -> list[SepBN]:
        return [module for module in runner.model.modules() if isinstance(module, SepBN)]

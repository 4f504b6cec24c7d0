"""Random augmentation as a function of seed, epoch and face."""

from mmengine.hooks import Hook
from mmengine.runner import EpochBasedTrainLoop, Runner
from torch.utils.data import Dataset

from mmsepbn.datasets.face_dataset import FaceDataset
from mmsepbn.datasets.multi_protocol import MultiProtocolDataset
from mmsepbn.registry import HOOKS


@HOOKS.register_module()
class EpochSeedHook(Hook):
    """Tell the training set the run's seed and the epoch, so that it seeds its transforms for each face.

    Then the augmentation does not depend on the number of workers, and a resumed run sees what an uninterrupted one
    would have seen. Data sets of other kinds, and training by iterations, are left as they are.
    """

    def before_train_epoch(self, runner: Runner) -> None:
        """Hand over ``runner.seed`` and ``runner.epoch``; workers read them from shared memory."""
        if isinstance(runner.train_loop, EpochBasedTrainLoop):
            seed_transforms(runner.train_dataloader.dataset, runner.seed, runner.epoch)


def seed_transforms(dataset: Dataset, seed: int, epoch: int) -> None:
    """Call ``set_epoch`` of a set of this plugin; leave sets of other kinds as they are."""
    if isinstance(dataset, FaceDataset | MultiProtocolDataset):
        dataset.set_epoch(seed, epoch)

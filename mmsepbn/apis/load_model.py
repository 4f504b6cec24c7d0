"""A trained network outside of a Runner."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mmengine.config import Config
from mmengine.registry import MODELS
from mmengine.runner import CheckpointLoader

from mmsepbn.checkpoints.branches import own_branches
from mmsepbn.checkpoints.fit import require_exact, state_of, widened
from mmsepbn.config_file import use_scope

if TYPE_CHECKING:  # importing it needs the adapters of mmsepbn.registry
    from mmpose.models.pose_estimators.base import BasePoseEstimator


def load_model(cfg: Config, checkpoint: str | Path) -> 'BasePoseEstimator':
    """The estimator of ``cfg`` with exactly the weights of ``checkpoint``, in evaluation mode on the CPU.

    From a stage 1 checkpoint, the branches of the config are used. Half-precision weights, as in published files,
    become float32.

    Raises:
        FileNotFoundError, CheckpointError: the checkpoint is missing, unsafe, or does not fit.
    """
    return model_of(cfg, read_checkpoint(checkpoint))


def read_checkpoint(checkpoint: str | Path) -> dict[str, Any]:
    """The content of a checkpoint, a file or an address, on the CPU. Raises what :func:`load_from_local` does."""
    return CheckpointLoader.load_checkpoint(str(checkpoint), map_location='cpu', logger='silent')


def model_of(cfg: Config, content: Mapping[str, Any]) -> 'BasePoseEstimator':
    """The same of a checkpoint that was read. Raises CheckpointError where it does not fit."""
    use_scope(cfg)
    model = MODELS.build(cfg.model)
    own = model.state_dict()
    state = widened(own, own_branches(model, state_of(content, model)))
    require_exact(own, state)
    model.load_state_dict(state)
    return model.eval()

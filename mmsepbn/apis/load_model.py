"""A trained network outside of a Runner."""

from pathlib import Path
from typing import TYPE_CHECKING

from mmengine.config import Config
from mmengine.registry import MODELS, init_default_scope
from mmengine.runner import CheckpointLoader

from mmsepbn.checkpoints.fit import require_exact, state_of, widened
from mmsepbn.engine.hooks.keep_branch_hook import own_branches

if TYPE_CHECKING:  # importing it needs the adapters of mmsepbn.registry
    from mmpose.models.pose_estimators.base import BasePoseEstimator


def load_model(cfg: Config, checkpoint: str | Path) -> 'BasePoseEstimator':
    """The estimator of ``cfg`` with exactly the weights of ``checkpoint``, in evaluation mode on the CPU.

    From a stage 1 checkpoint, the branches of the config are used. Half-precision weights, as in published files,
    become float32.

    Raises:
        FileNotFoundError, CheckpointError: the checkpoint is missing, unsafe, or does not fit.
    """
    init_default_scope(cfg.get('default_scope', 'mmpose'))
    model = MODELS.build(cfg.model)
    content = CheckpointLoader.load_checkpoint(str(checkpoint), map_location='cpu', logger='silent')
    own = model.state_dict()
    state = widened(own, own_branches(model, state_of(content, model)))
    require_exact(own, state)
    model.load_state_dict(state)
    return model.eval()

"""Hooks."""

from mmsepbn.engine.hooks.epoch_seed_hook import EpochSeedHook as EpochSeedHook
from mmsepbn.engine.hooks.exact_checkpoint_hook import ExactCheckpointHook as ExactCheckpointHook
from mmsepbn.engine.hooks.face_visualization_hook import FaceVisualizationHook as FaceVisualizationHook
from mmsepbn.engine.hooks.finite_loss_hook import FiniteLossHook as FiniteLossHook
from mmsepbn.engine.hooks.keep_branch_hook import KeepBranchHook as KeepBranchHook
from mmsepbn.engine.hooks.temperature_annealing_hook import TemperatureAnnealingHook as TemperatureAnnealingHook

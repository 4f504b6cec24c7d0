"""Hooks."""

from mmsepbn.engine.hooks.epoch_seed_hook import EpochSeedHook as EpochSeedHook
from mmsepbn.engine.hooks.exact_checkpoint_hook import ExactCheckpointHook as ExactCheckpointHook
from mmsepbn.engine.hooks.face_visualization_hook import FaceVisualizationHook as FaceVisualizationHook
from mmsepbn.engine.hooks.finite_loss_hook import FiniteLossHook as FiniteLossHook
from mmsepbn.engine.hooks.folder_lock_hook import FolderLockHook as FolderLockHook
from mmsepbn.engine.hooks.keep_branch_hook import KeepBranchHook as KeepBranchHook
from mmsepbn.engine.hooks.safe_checkpoint_hook import SafeCheckpointHook as SafeCheckpointHook
from mmsepbn.engine.hooks.stop_signal_hook import StopSignalHook as StopSignalHook
from mmsepbn.engine.hooks.temperature_annealing_hook import TemperatureAnnealingHook as TemperatureAnnealingHook
from mmsepbn.engine.hooks.worker_hook import WorkerHook as WorkerHook

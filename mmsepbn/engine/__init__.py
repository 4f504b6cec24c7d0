"""Runtime pieces: hooks."""

from mmsepbn.engine.hooks import EpochSeedHook as EpochSeedHook
from mmsepbn.engine.hooks import ExactCheckpointHook as ExactCheckpointHook
from mmsepbn.engine.hooks import FaceVisualizationHook as FaceVisualizationHook
from mmsepbn.engine.hooks import FiniteLossHook as FiniteLossHook
from mmsepbn.engine.hooks import FolderLockHook as FolderLockHook
from mmsepbn.engine.hooks import KeepBranchHook as KeepBranchHook
from mmsepbn.engine.hooks import SafeCheckpointHook as SafeCheckpointHook
from mmsepbn.engine.hooks import StopSignalHook as StopSignalHook
from mmsepbn.engine.hooks import TemperatureAnnealingHook as TemperatureAnnealingHook
from mmsepbn.engine.hooks import WorkerHook as WorkerHook

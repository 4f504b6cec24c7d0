"""One training at a time in a folder."""

from mmengine.dist import is_main_process
from mmengine.hooks import Hook
from mmengine.runner import Runner

from mmsepbn.processes.held_folder import hold_folder, release_folder
from mmsepbn.registry import HOOKS


@HOOKS.register_module()
class FolderLockHook(Hook):
    """Keep other trainings, which would replace files, out of this run's folder; tests may run at the same time.

    Raises:
        FolderInUseError: another process trains there.
    """

    priority = 'VERY_HIGH'

    def before_train(self, runner: Runner) -> None:
        """Lock it, once for all processes of the run."""
        if is_main_process():
            hold_folder(runner.work_dir)

    def after_train(self, runner: Runner) -> None:
        """Release it."""
        release_folder(runner.work_dir)

import subprocess
import sys

import pytest
from mmengine.hooks import Hook
from toy_training import toy_runner

from mmsepbn.processes.folder_lock import FolderError
from mmsepbn.processes.held_folder import hold_folder, release_folder

HOLD = 'import sys; from mmsepbn.processes.held_folder import hold_folder; hold_folder(sys.argv[1]); print("held")'


def another_process(folder):
    done = subprocess.run([sys.executable, '-c', HOLD, str(folder)], capture_output=True, text=True)
    return done.stdout + done.stderr


class AskAnother(Hook):
    """Let another process try to train in the folder."""

    def after_train_epoch(self, runner):
        self.answer = another_process(runner.work_dir)


def test_a_folder_belongs_to_one_training_until_that_ends(tmp_path):
    asked = AskAnother()
    runner = toy_runner(tmp_path, [dict(type='mmsepbn.FolderLockHook'), asked], epochs=1)
    runner.train()
    assert f'{tmp_path} is in use by process' in asked.answer
    assert another_process(tmp_path).strip() == 'held'
    assert not (tmp_path / '.lock').exists()


def test_a_process_may_train_again_where_it_has_failed(tmp_path):
    hold_folder(tmp_path)
    toy_runner(tmp_path, [dict(type='mmsepbn.FolderLockHook')], epochs=1).train()
    release_folder(tmp_path)
    release_folder(tmp_path)


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / 'file').write_text('')
    with pytest.raises(FolderError, match=r'The folder of a run must be writable. .*file: '):
        hold_folder(tmp_path / 'file')
    with pytest.raises(FolderError, match='The folder of a run must be'):
        hold_folder(tmp_path / 'file' / 'run')

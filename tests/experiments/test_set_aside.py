import errno

import pytest
import torch
from toy_training import toy_runner

from mmsepbn.experiments.set_aside import whole_checkpoint, whole_checkpoints


@pytest.fixture
def run(tmp_path):
    toy_runner(tmp_path, epochs=2).train()
    return tmp_path


def names(folder):
    return sorted(path.name for path in folder.iterdir() if '.pth' in path.name)


def test_a_file_whose_content_is_damaged_is_set_aside(run, capsys):
    (run / 'epoch_2.pth').write_bytes((run / 'epoch_2.pth').read_bytes()[:-100])
    assert whole_checkpoints(run) == [run / 'epoch_1.pth']
    assert names(run) == ['epoch_1.pth', 'epoch_2.pth.broken']
    assert 'set aside as epoch_2.pth.broken: ' in capsys.readouterr().err


def test_weights_alone_are_left_where_they_are(run, capsys):
    torch.save(dict(state_dict=dict(a=torch.ones(2))), run / 'published.pth')
    assert whole_checkpoints(run) == [run / 'epoch_1.pth', run / 'epoch_2.pth']
    assert names(run) == ['epoch_1.pth', 'epoch_2.pth', 'published.pth']
    assert capsys.readouterr().err == ''


@pytest.mark.parametrize('trouble', [OSError(errno.EIO, 'Input/output error'), MemoryError()], ids=repr)
def test_a_file_that_cannot_be_read_now_is_left_where_it_is(run, monkeypatch, trouble):
    def fail(*_, **__):
        raise trouble

    monkeypatch.setattr('torch.load', fail)
    with pytest.raises(type(trouble)):
        whole_checkpoint(run / 'epoch_2.pth')
    assert names(run) == ['epoch_1.pth', 'epoch_2.pth']

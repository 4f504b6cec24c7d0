import copy
import errno
import random
import zipfile

import pytest
import torch
from mmengine.logging import HistoryBuffer
from mmengine.runner import CheckpointLoader
from toy_training import toy_runner
from zoo_folder import add

from mmsepbn import registry  # noqa: F401
from mmsepbn.checkpoints.file import CheckpointError, load_from_local
from mmsepbn.zoo import index


def test_a_flipped_bit_is_refused_or_changes_nothing(tmp_path):
    """torch alone compares no checksum and loads other weights."""
    state = dict(weight=torch.randn(200), name='a', count=3)
    torch.save(dict(state_dict=state), tmp_path / 'whole.pth')
    whole = (tmp_path / 'whole.pth').read_bytes()
    draw = random.Random(0)
    refused = 0
    for _ in range(300):
        content = bytearray(whole)
        content[draw.randrange(len(whole))] ^= 1 << draw.randrange(8)
        (tmp_path / 'flipped.pth').write_bytes(content)
        try:
            loaded = load_from_local(str(tmp_path / 'flipped.pth'))['state_dict']
        except CheckpointError:
            refused += 1
        else:
            assert torch.equal(loaded.pop('weight'), state['weight'])
            assert loaded == dict(name='a', count=3)
    assert 100 < refused < 300


def test_records_that_unpack_to_more_than_the_file_are_not_read(tmp_path):
    with zipfile.ZipFile(tmp_path / 'bomb.pth', 'w', zipfile.ZIP_DEFLATED) as archive:
        archive.writestr('archive/data.pkl', bytes(10**7))
    with pytest.raises(CheckpointError, match=r'its records declare more data than the file holds'):
        load_from_local(str(tmp_path / 'bomb.pth'))


def test_what_is_no_dict_is_no_checkpoint(tmp_path):
    torch.save([torch.ones(1)], tmp_path / 'list.pth')
    with pytest.raises(CheckpointError, match=r'list.pth is refused: a checkpoint is a dict. Got list'):
        load_from_local(str(tmp_path / 'list.pth'))


@pytest.mark.parametrize(
    ('content', 'what'), [(b'', 'is empty'), (b'\xff\xd8\xff\xe0 a JPEG', 'does not begin as'), (bytes(9), 'does not')]
)
def test_files_of_another_kind_are_no_checkpoints(tmp_path, content, what):
    (tmp_path / 'x.pth').write_bytes(content)
    with pytest.raises(CheckpointError, match=rf'x\.pth is not a checkpoint: it {what}'):
        load_from_local(str(tmp_path / 'x.pth'))


@pytest.mark.parametrize('zipped', [True, False])
def test_a_network_of_the_zoo_is_loaded_by_its_name(tmp_path, monkeypatch, zipped):
    torch.save(dict(weight=torch.ones(2)), tmp_path / 'one.pth', _use_new_zipfile_serialization=zipped)
    add(tmp_path, 'one', checkpoint=tmp_path / 'one.pth')
    monkeypatch.setattr(index, 'FOLDER', tmp_path)
    loaded = CheckpointLoader.load_checkpoint('one', 'cpu', logger='silent')
    assert loaded['weight'].tolist() == [1, 1]


@pytest.mark.parametrize('load_from', ['epoch_1.pth', None])
def test_resuming_runs_no_python_of_the_checkpoint(tmp_path, load_from):
    """MMEngine's Runner.resume executes ``meta['config']``."""
    run = tmp_path / 'run'
    toy_runner(run, epochs=1).train()
    content = torch.load(run / 'epoch_1.pth', weights_only=False)
    code = f'open({str(tmp_path / "ran")!r}, "w")'
    content['meta'].update(config=code, cfg=code)
    content['message_hub']['runtime_info'].update(cfg=code)
    torch.save(content, run / 'epoch_1.pth')
    toy_runner(run, epochs=2, resume=True, load_from=load_from and str(run / load_from)).train()
    assert (run / 'epoch_2.pth').exists()
    assert not (tmp_path / 'ran').exists()
    loaded = CheckpointLoader.load_checkpoint(str(run / 'epoch_1.pth'), logger=None)
    assert not {'config', 'cfg'} & {*loaded['meta'], *loaded['message_hub']['runtime_info']}
    assert loaded['meta']['epoch'] == 1


def test_the_sets_description_opens_no_file(tmp_path):
    meta = dict(dataset_meta=dict(from_file='evil.py', dataset_name='x'))
    torch.save(dict(state_dict={}, meta=meta), tmp_path / 'x.pth')
    assert load_from_local(str(tmp_path / 'x.pth'))['meta']['dataset_meta'] == dict(dataset_name='x')


@pytest.fixture
def old_torch(monkeypatch):
    """A torch that lets nothing through by name and says that it is 2.5."""
    allowed = torch.serialization.get_safe_globals()
    torch.serialization.clear_safe_globals()
    monkeypatch.setattr(torch, '__version__', '2.5.1+cpu')
    yield
    torch.serialization.add_safe_globals(allowed)


def test_torch_below_2_6_goes_on_with_a_training_of_its_own(tmp_path, old_torch):
    meta, hub = dict(iter=4, config='1 / 0'), dict(log_scalars=dict(loss=HistoryBuffer([1.5], [1])))
    torch.save(dict(state_dict=dict(a=torch.ones(2)), meta=meta, message_hub=hub), tmp_path / 'own.pth')
    loaded = load_from_local(str(tmp_path / 'own.pth'))
    assert loaded['message_hub']['log_scalars']['loss'].current() == 1.5
    assert loaded['meta'] == dict(iter=4)
    (tmp_path / 'own.pth').write_bytes((tmp_path / 'own.pth').read_bytes()[:-100])
    with pytest.raises(CheckpointError, match=r'own.pth is refused: it is damaged'):
        load_from_local(str(tmp_path / 'own.pth'))


TROUBLE = [
    OSError(errno.EIO, 'Input/output error'),
    OSError(errno.ESTALE, 'Stale file handle'),
    PermissionError(errno.EACCES, 'Permission denied'),
    MemoryError(),
    torch.cuda.OutOfMemoryError('CUDA out of memory'),
    RuntimeError('MPS backend out of memory (MPS allocated: 8.00 GB)'),
    RuntimeError("[enforce fail at alloc_cpu.cpp:118] DefaultCPUAllocator: can't allocate memory"),
]


@pytest.mark.parametrize('place', ['zipfile.ZipFile.testzip', 'torch.load'])
@pytest.mark.parametrize('trouble', TROUBLE, ids=repr)
def test_trouble_of_the_machine_is_no_damage_of_the_file(tmp_path, monkeypatch, trouble, place):
    def fail(*_, **__):
        raise trouble

    trouble = copy.copy(trouble)
    torch.save(dict(state_dict={}), tmp_path / 'x.pth')
    monkeypatch.setattr(place, fail)
    with pytest.raises(type(trouble)) as raised:
        load_from_local(str(tmp_path / 'x.pth'))
    assert raised.value is trouble
    assert not isinstance(trouble, OSError) or str(tmp_path / 'x.pth') in str(trouble)


def test_a_place_that_damage_made_up_is_damage(tmp_path, monkeypatch):
    def fail(*_, **__):
        raise OSError(errno.EINVAL, 'Invalid argument')

    torch.save(dict(state_dict={}), tmp_path / 'x.pth')
    monkeypatch.setattr('zipfile.ZipFile.testzip', fail)
    with pytest.raises(CheckpointError, match=r'x.pth is refused: it is damaged'):
        load_from_local(str(tmp_path / 'x.pth'))

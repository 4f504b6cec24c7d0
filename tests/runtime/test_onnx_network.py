"""The runtime on a network written by hand, whose landmarks are known."""

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

onnxruntime = pytest.importorskip('onnxruntime')

from runtime_network import HEIGHT, INFO, WIDTH, places, write_network  # noqa: E402
from zoo_folder import add  # noqa: E402

from mmsepbn.fitted.calibration import Calibration  # noqa: E402
from mmsepbn.protocols import FACE_300W, WIDER_FACE  # noqa: E402
from mmsepbn.runtime import OnnxNetwork  # noqa: E402
from mmsepbn.runtime.metadata import metadata_of  # noqa: E402
from mmsepbn.zoo import index  # noqa: E402


def crops(count):
    return np.random.default_rng(0).integers(0, 256, (count, HEIGHT, WIDTH, 3), np.uint8)


@pytest.mark.parametrize('count', [1, 2, 7])
def test_landmarks_of_any_number_of_crops(network_file, count):
    network = OnnxNetwork(network_file)
    found = network(crops(count), ['wider_face', '300w'])
    assert list(found) == ['wider_face', '300w']
    for protocol in (FACE_300W, WIDER_FACE):
        level = crops(count).reshape(count, -1).mean(axis=1)
        expected = level[:, None, None] + places(protocol)
        np.testing.assert_allclose(found[protocol.name], expected, rtol=1e-6)
        assert found[protocol.name].dtype == np.float32


def test_one_branch_and_none_and_no_faces(network_file):
    network = OnnxNetwork(network_file)
    assert list(network(crops(2), ('wider_face',))) == ['wider_face']
    assert network(crops(2), []) == {}
    assert network(crops(0), ['300w'])['300w'].shape == (0, 68, 2)


def test_crops_need_not_lie_in_one_piece_of_memory(network_file):
    network = OnnxNetwork(network_file)
    mirrored = crops(3)[:, :, ::-1]
    assert np.allclose(network(mirrored, ['300w'])['300w'], network(crops(3), ['300w'])['300w'])


def test_it_knows_how_faces_are_cut_out(network_file):
    network = OnnxNetwork(network_file)
    assert network.info == INFO
    assert network.about['results'] == {'rows.json': {'300w/NME': 4.5}}


def test_the_calibration_of_the_zoos_index_goes_before_the_files_own(tmp_path, monkeypatch):
    old, new = Calibration(0.02, 3.0, 0.08), Calibration(0.01, 2.0, 0.05)
    file = write_network(tmp_path / 'one.onnx', metadata_of(replace(INFO, calibration=old), {}))
    monkeypatch.setattr(index, 'FOLDER', tmp_path)
    add(tmp_path, 'one', onnx=file)
    assert OnnxNetwork(file).info.calibration == old, 'the index has none'
    (network,) = index.read_index(tmp_path)
    index.write_index(tmp_path, [replace(network, calibration=new)])
    assert OnnxNetwork(file).info.calibration == new


@pytest.mark.parametrize('content', ['', '{', '{"format": 99, "networks": []}', '{"format": 1, "networks": [3]}'])
def test_a_damaged_index_of_the_zoo_stops_no_network_of_ones_own(network_file, tmp_path, monkeypatch, content):
    monkeypatch.setattr(index, 'FOLDER', tmp_path)
    (tmp_path / 'index.json').write_text(content)
    with pytest.raises(index.ZooError):
        index.read_index(tmp_path)
    assert OnnxNetwork(network_file).info == INFO


@pytest.mark.parametrize(
    'change',
    [
        lambda crops: crops[0],
        lambda crops: crops[..., :2],
        lambda crops: crops[:, 1:],
        lambda crops: crops.astype(np.float32),
        lambda crops: crops.transpose(0, 3, 1, 2),
    ],
)
def test_other_crops_are_refused(network_file, change):
    with pytest.raises(ValueError, match=r'uint8 of shape \(N, 6, 8, 3\)\. Got'):
        OnnxNetwork(network_file)(change(crops(2)), ['300w'])


def test_a_protocol_without_a_branch_is_named(network_file):
    with pytest.raises(ValueError, match=r"among \['300w', 'wider_face'\]\. Got \['wflw'\]"):
        OnnxNetwork(network_file)(crops(1), ['300w', 'wflw'])


def test_files_that_are_no_networks_of_ours(tmp_path):
    with pytest.raises(FileNotFoundError, match=r'no ONNX file .*nowhere\.onnx'):
        OnnxNetwork(tmp_path / 'nowhere.onnx')
    with pytest.raises(FileNotFoundError):
        OnnxNetwork(tmp_path)
    for content in (b'', b'no ONNX at all'):
        (tmp_path / 'text.onnx').write_bytes(content)
        with pytest.raises(ValueError, match=r'text\.onnx is no'):
            OnnxNetwork(tmp_path / 'text.onnx')
    with pytest.raises(ValueError, match=r'other\.onnx is not a landmark network: .*no metadata'):
        OnnxNetwork(write_network(tmp_path / 'other.onnx', {}))


def test_the_provider_asked_for_or_an_error(network_file, monkeypatch):
    for name in ('cpu', 'CPU', 'CPUExecutionProvider'):
        assert OnnxNetwork(network_file, provider=name)._session.get_providers() == ['CPUExecutionProvider']
    with pytest.raises(ValueError, match=r"provider=\) must be among \[.*'cpu'.*Got 'abacus'"):
        OnnxNetwork(network_file, provider='abacus')
    with pytest.raises(ValueError, match=r"provider=\) must end in the number of a GPU, as in cuda:1. Got 'cpu:x'"):
        OnnxNetwork(network_file, provider='cpu:x')


def test_the_number_of_a_gpu_reaches_onnxruntime(network_file, monkeypatch):
    asked = []
    monkeypatch.setattr(onnxruntime, 'get_available_providers', lambda: ['CUDAExecutionProvider'])
    start = onnxruntime.InferenceSession

    def session(file, options, **given):
        asked.append(given)
        return start(file, options, providers=['CPUExecutionProvider'])

    monkeypatch.setattr(onnxruntime, 'InferenceSession', session)
    with pytest.raises(ValueError, match='fell back to the CPU'):
        OnnxNetwork(network_file, provider='cuda:1')
    assert asked == [dict(providers=['CUDAExecutionProvider'], provider_options=[{'device_id': '1'}])]


@pytest.mark.skipif('CUDAExecutionProvider' in onnxruntime.get_available_providers(), reason='CUDA may start here')
def test_a_provider_that_does_not_start_is_an_error(network_file, monkeypatch):
    """onnxruntime itself takes the CPU then, as for CUDA without its libraries."""
    monkeypatch.setattr(onnxruntime, 'get_available_providers', lambda: ['CUDAExecutionProvider'])
    with pytest.warns(UserWarning, match='CUDA'), pytest.raises(ValueError, match="'cuda' does not start"):
        OnnxNetwork(network_file, provider='cuda')


def test_threads_are_settable_and_do_not_spin(network_file):
    options = OnnxNetwork(network_file, threads=1)._session.get_session_options()
    assert options.intra_op_num_threads == 1
    assert options.get_session_config_entry('session.intra_op.allow_spinning') == '0'
    assert OnnxNetwork(network_file)._session.get_session_options().intra_op_num_threads == 0  # as onnxruntime likes
    for wrong in (0, -2):
        with pytest.raises(ValueError, match=rf'threads=\) must be at least 1.*Got {wrong}'):
            OnnxNetwork(network_file, threads=wrong)


def test_without_onnxruntime_it_says_what_to_install(network_file):
    code = (
        'import sys; sys.modules["onnxruntime"] = None\n'
        f'from mmsepbn.runtime import OnnxNetwork; OnnxNetwork({str(network_file)!r})'
    )
    done = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True)
    assert 'ImportError: An ONNX network needs onnxruntime: pip install "mmsepbn[runtime]".' in done.stderr

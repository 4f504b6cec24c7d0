"""The ONNX graph of a network, run by onnxruntime."""

import numpy as np
import pytest
import torch
from helpers import ROOT
from tiny_network import SIZE, build, model_config

from mmsepbn.export.crop_network import CropNetwork, ExportError
from mmsepbn.export.onnx_graph import OPSET, halve_weights, onnx_graph, set_metadata

onnx, onnxruntime = pytest.importorskip('onnx'), pytest.importorskip('onnxruntime')
pytest.importorskip('onnxscript')
pytestmark = pytest.mark.slow


@pytest.fixture(scope='module')
def network():
    config = model_config()
    config.backbone.norm_cfg.temperature = 2.0  # far from the default, so that it is seen where it is lost
    return CropNetwork(build(config))


@pytest.fixture(scope='module')
def graph(network):
    return onnx_graph(network, SIZE)


def run(model, crops):
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=['CPUExecutionProvider'])
    assert [output.name for output in session.get_outputs()] == ['300w', 'wider_face']
    return session.run(None, {'crops': crops})


def crops(count):
    return np.random.default_rng(count).integers(0, 256, (count, 64, 64, 3), np.uint8)


@pytest.mark.parametrize('count', [1, 2, 5])
def test_it_computes_the_same_for_any_number_of_faces(network, graph, count):
    with torch.no_grad():
        expected = network(torch.from_numpy(crops(count)))
    for found, landmarks in zip(run(graph, crops(count)), expected, strict=True):
        np.testing.assert_allclose(found, landmarks.numpy(), rtol=1e-4, atol=1e-4)


def test_it_is_one_valid_file_without_the_paths_of_this_machine(graph):
    onnx.checker.check_model(graph, full_check=True)
    assert [(opset.domain, opset.version) for opset in graph.opset_import] == [('', OPSET)]
    assert not any(tensor.external_data for tensor in graph.graph.initializer)
    assert str(ROOT).encode() not in graph.SerializeToString()
    assert b'forward' not in graph.SerializeToString()


class OfTwo(torch.nn.Module):
    """Takes two crops and no other number."""

    def __init__(self):
        super().__init__()
        self.factors = dict(a=1)

    def forward(self, crops):
        return (crops.float().mean((1, 2, 3)).view(2, 1, 1).expand(-1, 5, 2),)


def test_a_network_for_one_number_of_faces_is_refused():
    with pytest.raises(ExportError, match=r'the number of crops a constant|torch cannot export the network'):
        onnx_graph(OfTwo(), SIZE)


def test_half_precision_halves_the_weights_and_keeps_vectors(network, graph):
    half = onnx.ModelProto()
    half.CopyFrom(graph)
    halve_weights(half)
    onnx.checker.check_model(half, full_check=True)
    whole = {tensor.name: onnx.numpy_helper.to_array(tensor) for tensor in graph.graph.initializer}
    stored = {tensor.name: onnx.numpy_helper.to_array(tensor) for tensor in half.graph.initializer}
    assert any(name.endswith('.half') for name in stored)
    for name, values in whole.items():
        if values.dtype == np.float32 and values.ndim > 1:
            np.testing.assert_array_equal(stored[f'{name}.half'], values.astype(np.float16))
        else:
            np.testing.assert_array_equal(stored[name], values)
    rounded = {name: values.astype(np.float16).astype(np.float32) for name, values in whole.items() if values.ndim > 1}
    expected = onnx.ModelProto()
    expected.CopyFrom(graph)
    for tensor in expected.graph.initializer:
        if tensor.data_type == onnx.TensorProto.FLOAT and tensor.name in rounded:
            tensor.CopyFrom(onnx.numpy_helper.from_array(rounded[tensor.name], tensor.name))
    for found, landmarks in zip(run(half, crops(3)), run(expected, crops(3)), strict=True):
        np.testing.assert_allclose(found, landmarks, rtol=1e-5, atol=1e-5)
    assert any((a != b).any() for a, b in zip(run(half, crops(3)), run(graph, crops(3)), strict=True))


def test_texts_travel_in_the_file(graph):
    model = onnx.ModelProto()
    model.CopyFrom(graph)
    set_metadata(model, dict(licence='own', config='a = 1\n'))
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=['CPUExecutionProvider'])
    assert session.get_modelmeta().custom_metadata_map == dict(licence='own', config='a = 1\n')


class Unexportable(torch.nn.Module):
    """A network whose landmarks are sorted by numpy, which torch cannot look into."""

    def __init__(self):
        super().__init__()
        self.factors = dict(wider_face=(1.0, 1.0))

    def forward(self, crops):
        return (torch.from_numpy(np.sort(crops[:, 0, :5, :2].numpy())),)


def test_what_torch_cannot_export_is_one_line():
    with pytest.raises(ExportError, match=r'^torch cannot export the network: \w+: [^\n]+$'):
        onnx_graph(Unexportable(), SIZE)

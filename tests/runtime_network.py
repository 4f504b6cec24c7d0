"""A network small enough to be written by hand: it finds all landmarks at fixed places plus the crop's mean value."""

import numpy as np
import pytest

from mmsepbn.fitted.box_map import BoxMap
from mmsepbn.protocols import FACE_300W, WIDER_FACE
from mmsepbn.runtime.metadata import metadata_of
from mmsepbn.runtime.network import NetworkInfo

WIDTH, HEIGHT = 8, 6
INFO = NetworkInfo(
    (FACE_300W, WIDER_FACE), (WIDTH, HEIGHT), padding=1.25, box_maps={'haar': BoxMap(0.1, -0.2, 0.9), 'whole': BoxMap()}
)


def places(protocol):
    """Where the network finds landmarks in a black crop, (L, 2)."""
    return np.arange(2 * protocol.num_landmarks, dtype=np.float32).reshape(-1, 2)


def write_network(path, texts):
    """An ONNX file with the metadata ``texts``."""
    onnx = pytest.importorskip('onnx')
    pytest.importorskip('onnxruntime')
    from onnx import TensorProto, helper, numpy_helper

    nodes = [
        helper.make_node('Cast', ['crops'], ['values'], to=TensorProto.FLOAT),
        helper.make_node('ReduceMean', ['values', 'axes'], ['mean'], keepdims=0),
        helper.make_node('Reshape', ['mean', 'shape'], ['level']),
        *(helper.make_node('Add', ['level', f'{p.name}_places'], [p.name]) for p in INFO.protocols),
    ]
    constants = [
        numpy_helper.from_array(np.array([1, 2, 3]), 'axes'),
        numpy_helper.from_array(np.array([-1, 1, 1]), 'shape'),
        *(numpy_helper.from_array(places(p)[None], f'{p.name}_places') for p in INFO.protocols),
    ]
    inputs = [helper.make_tensor_value_info('crops', TensorProto.UINT8, ['faces', HEIGHT, WIDTH, 3])]
    outputs = [
        helper.make_tensor_value_info(p.name, TensorProto.FLOAT, ['faces', p.num_landmarks, 2]) for p in INFO.protocols
    ]
    graph = helper.make_graph(nodes, 'network', inputs, outputs, constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid('', 18)], ir_version=10)
    helper.set_model_props(model, texts)
    onnx.checker.check_model(model)
    path.write_bytes(model.SerializeToString())
    return path


def whole_network(path, licence='none'):
    """The network with all of its metadata."""
    about = dict(licence=licence, network=dict(parameters=73), results={'rows.json': {'300w/NME': 4.5}})
    return write_network(path, metadata_of(INFO, about))

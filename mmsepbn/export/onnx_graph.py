"""From a network in torch to an ONNX graph."""

import warnings
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import numpy as np
import torch

from mmsepbn.export.crop_network import CropNetwork, ExportError

if TYPE_CHECKING:
    from onnx import GraphProto, ModelProto

OPSET = 18
"""Of the graph; what torch's exporter writes without conversion."""


def onnx_graph(network: CropNetwork, input_size: tuple[int, int]) -> 'ModelProto':
    """The network for any number of crops: ``crops`` (N, H, W, 3) uint8 -> an output for each protocol, by its name.

    Raises:
        ExportError: torch cannot export an operation of the network.
    """
    width, height = input_size
    crops = torch.zeros(2, height, width, 3, dtype=torch.uint8)  # of one crop, its number would become a constant
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter('ignore')
        network(crops)  # its own errors first, as they are
        try:
            program = torch.onnx.export(
                network,
                (crops,),
                input_names=['crops'],
                output_names=list(network.factors),
                dynamic_shapes=({0: torch.export.Dim('faces')},),
                opset_version=OPSET,
                dynamo=True,
                external_data=False,
                verbose=False,
            )
        except Exception as error:  # torch's, of any step and operation
            raise ExportError(f'torch cannot export the network: {_last_line(error)}') from error
    model = program.model_proto  # type: ignore[union-attr]
    if not model.graph.input[0].type.tensor_type.shape.dim[0].dim_param:
        raise ExportError('torch made the number of crops a constant: a part of the network depends on it.')
    _forget_source(model.graph)
    del model.graph.value_info[:]  # shapes between the nodes, which whoever needs them infers
    return model


def _forget_source(graph: 'GraphProto') -> None:
    """Drop torch's notes on each node: the call stack, with paths of this machine."""
    for part in (graph, *graph.node, *graph.input, *graph.output, *graph.initializer):
        del part.metadata_props[:]
        part.ClearField('doc_string')


def halve_weights(model: 'ModelProto') -> None:
    """Store matrices and kernels in half precision; a cast makes float32 of them when the network is loaded.

    Computation, and all vectors such as statistics and biases, stay in float32.
    """
    from onnx import TensorProto, helper, numpy_helper

    graph, casts = model.graph, []
    for tensor in graph.initializer:
        if tensor.data_type == TensorProto.FLOAT and len(tensor.dims) > 1:
            name, values = tensor.name, numpy_helper.to_array(tensor)
            with np.errstate(over='ignore'):  # what becomes infinite, the check of the file finds
                tensor.CopyFrom(numpy_helper.from_array(values.astype(np.float16), f'{name}.half'))
            casts.append(helper.make_node('Cast', [tensor.name], [name], to=TensorProto.FLOAT))
    nodes = [*casts, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)


def set_metadata(model: 'ModelProto', texts: Mapping[str, str]) -> None:
    """Put texts into the file's metadata."""
    from onnx import helper

    helper.set_model_props(model, dict(texts))


def _last_line(error: BaseException) -> str:
    """The first line of the innermost cause; torch puts advice of many lines around it."""
    cause = list(_causes(error))[-1]
    return f'{type(cause).__name__}: {str(cause).strip().splitlines()[0] if str(cause).strip() else ""}'


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__

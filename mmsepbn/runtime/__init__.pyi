from .onnx_network import OnnxNetwork as OnnxNetwork

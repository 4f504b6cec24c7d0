import pytest
from runtime_network import whole_network


@pytest.fixture
def network_file(tmp_path):
    """The network written by hand, with all of its metadata."""
    return whole_network(tmp_path / 'network.onnx')

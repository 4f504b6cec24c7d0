import pytest
from tiny_landmarker import write_network


@pytest.fixture(scope='session')
def tiny(tmp_path_factory):
    """Config and checkpoint of a network for 300W, WFLW and COFW."""
    return write_network(tmp_path_factory.mktemp('tiny'))


@pytest.fixture
def photos(synthetic_wflw):
    """Paths of drawn faces, 128 x 128 pixels."""
    return sorted(map(str, (synthetic_wflw / 'WFLW_images').rglob('*.jpg')))

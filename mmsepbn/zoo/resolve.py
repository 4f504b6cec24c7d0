"""From a name to files that are seen to be whole, without a network."""

from collections.abc import Sequence
from pathlib import Path

from mmsepbn.whole_file import file_sha256
from mmsepbn.zoo.index import ZooError, ZooFile, ZooNetwork


def find_network(name: str | None, networks: Sequence[ZooNetwork]) -> ZooNetwork:
    """The network of a name; None: the first.

    Raises:
        ZooError: there is none.
    """
    if not networks:
        wanted = 'No network' if name is None else f'There is no network {name!r}; none'
        raise ZooError(f'{wanted} comes with the package yet: give a config and its checkpoint, or an .onnx file.')
    if name is None:
        return networks[0]
    for network in networks:
        if network.name == name:
            return network
    names = ', '.join(network.name for network in networks)
    raise ZooError(f'There is no network {name!r}. With the package come {names}.')


def verified(folder: Path, file: ZooFile) -> Path:
    """The path of a file whose content is what the index says.

    Raises:
        FileNotFoundError: it is not there.
        ZooError: it holds something else.
    """
    path = folder / file.name
    if not path.is_file():
        raise FileNotFoundError(f'There is no file {path}, which belongs to the package: install it again.')
    if file_sha256(path) != file.sha256:
        raise ZooError(f'{path} is damaged, its SHA-256 is not that of the index: install the package again.')
    return path

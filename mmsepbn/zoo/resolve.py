"""From a name to verified files, without network access."""

from collections.abc import Sequence
from os.path import expanduser, isdir, isfile  # Path.is_file raises where a name is too long
from pathlib import Path
from typing import TypeGuard

from mmsepbn.file_digest import file_sha256
from mmsepbn.fitted.calibration import Calibration
from mmsepbn.zoo import index
from mmsepbn.zoo.index import ZooError, ZooFile, ZooNetwork


def is_zoo_name(text: object) -> TypeGuard[str]:
    """Whether a text may name a network of the zoo: paths of configs and networks have a suffix."""
    return isinstance(text, str) and index.NAME.fullmatch(text) is not None


def checkpoint_file(text: str) -> Path:
    """The file of a checkpoint that a user names: by its path, or by the name of a network of the zoo.

    Raises:
        FileNotFoundError: there is neither.
        ZooError: the zoo's index, or its file, is damaged.
    """
    if isfile(text):
        return Path(text)
    networks = index.read_index(index.FOLDER) if is_zoo_name(text) else ()
    network, known = _named(text, networks)
    if network is not None:
        return verified(index.FOLDER, network.checkpoint)
    if isdir(text):
        raise FileNotFoundError(f'{text} is a folder, not a checkpoint.')
    raise FileNotFoundError(f'There is no checkpoint {text}.{known}')


def checkpoint_place(checkpoint: str | Path) -> str:
    """The place of a checkpoint that a user names: a path or an address unchanged, or the file of a zoo name.

    Raises:
        FileNotFoundError, ZooError: see :func:`checkpoint_file`, of what may be a name.
    """
    text = expanduser(checkpoint)
    return str(checkpoint_file(text)) if is_zoo_name(text) else str(text)


def network_of(file: str | Path) -> ZooNetwork | None:
    """The zoo's network of a file, whatever its name and place; None if there is none, or no local file.

    The index may be newer than the file, so its values take precedence over the file's own. An unreadable index is
    ignored: your own networks work without it.
    """
    if not isfile(file):
        return None
    path = Path(file)
    size = path.stat().st_size
    try:
        networks = index.read_index(index.FOLDER)
    except (OSError, ZooError):
        return None
    for network in networks:
        digests = [own.sha256 for own in (network.onnx, network.checkpoint) if own.size == size]
        if digests and file_sha256(path) in digests:
            return network
    return None


def newest_calibration(file: str | Path) -> Calibration | None:
    """The index's calibration, see :func:`network_of`; None if it has none, or the file is not the zoo's."""
    network = network_of(file)
    return network.calibration if network else None


def find_network(name: str | None, networks: Sequence[ZooNetwork]) -> ZooNetwork:
    """The network of a name; None: the first.

    Raises:
        ZooError: no such network.
    """
    if not networks:
        wanted = 'No network' if name is None else f'There is no network {name!r}; none'
        raise ZooError(f'{wanted} is bundled yet: give a config and its checkpoint, or an .onnx file.')
    if name is None:
        return networks[0]
    network, known = _named(name, networks)
    if network is None:
        raise ZooError(f'There is no network {name!r}.{known}')
    return network


def _named(name: str, networks: Sequence[ZooNetwork]) -> tuple[ZooNetwork | None, str]:
    """The network of a name, None if there is none, and a sentence that lists all, to end an error with."""
    names = ', '.join(network.name for network in networks)
    found = next((network for network in networks if network.name == name), None)
    return found, f' The bundled networks are {names}.' if names else ''


def verified(folder: Path, file: ZooFile) -> Path:
    """The path of a file, verified against the index.

    Raises:
        FileNotFoundError: it is missing.
        ZooError: its content differs.
    """
    path = folder / file.name
    if not path.is_file():
        raise FileNotFoundError(f'There is no file {path}, which belongs to the package: install it again.')
    if file_sha256(path) != file.sha256:
        raise ZooError(f'{path} is damaged, its SHA-256 is not that of the index: install the package again.')
    return path

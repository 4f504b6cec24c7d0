"""Checkpoints named by an address: downloaded through https only, then checked like local files."""

import hashlib
import os
import re
import shutil
from collections.abc import Callable, Mapping
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlparse
from urllib.request import HTTPRedirectHandler, Request, build_opener

import torch
from mmengine.dist import barrier, get_rank
from mmengine.logging import print_log
from mmengine.runner import CheckpointLoader
from mmengine.runner.checkpoint import (
    _get_mmengine_home,
    _process_mmcls_checkpoint,
    get_deprecated_model_names,
    get_external_models,
    get_mmcls_models,
    get_torchvision_models,
)

from mmsepbn.checkpoints.file import CheckpointError, load_from_local, local_file
from mmsepbn.file_digest import file_sha256
from mmsepbn.whole_file import part_of

_CATALOGUES: Mapping[str, Callable[[], dict[str, str]]] = {
    'torchvision': get_torchvision_models,
    'modelzoo': get_torchvision_models,
    'open-mmlab': get_external_models,
    'openmmlab': get_external_models,
    'mmcls': get_mmcls_models,
}
_REFUSED = ('http://', 'pavi://', r'(\S+\:)?s3://', r'(\S+\:)?petrel://')  # as MMEngine registers them
_TIMEOUT = 30.0  # seconds without a byte
_CHECKSUM = re.compile(r'-([0-9a-f]{8,64})(?:_\d{8})?(?:\.\w+)+$')  # in MMPose's names a date follows
_DATE = re.compile(r'(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])')  # of as many digits as most checksums


def guard_addresses() -> None:
    """Replace MMEngine's loader of every scheme; it hands what they fetch to ``pickle``."""
    CheckpointLoader.register_scheme([*_REFUSED, 'https://'], load_from_https, force=True)
    CheckpointLoader.register_scheme([f'{name}://' for name in _CATALOGUES], load_from_catalogue, force=True)


def is_unreadable(folder: str) -> bool:
    """Whether what is written to ``folder``, a path or an address, is refused where it is read."""
    loader = CheckpointLoader._get_checkpoint_loader(folder)
    return '://' in folder and loader in (load_from_https, load_from_catalogue, load_from_local)


def require_present(place: str) -> None:
    """Refuse a local checkpoint that is missing or another kind of file, before anything is built to load it.

    Raises what :func:`local_file` does; of an address nothing is known before it is fetched.
    """
    if CheckpointLoader._get_checkpoint_loader(place) is load_from_local:
        local_file(place)


def load_from_https(filename: str, map_location: Any = None) -> dict[str, Any]:
    """Fetch a checkpoint, unless torch's cache has it, and load it as :func:`load_from_local` does.

    Raises:
        URLError: it cannot be fetched.
        CheckpointError: the address is not one of https, or the file's checksum is not the one in its name; see also
            :func:`load_from_local`.
    """
    if not filename.startswith('https://'):
        raise CheckpointError(
            f'{filename} is refused: only https:// addresses are read, because they cannot be altered in transit. '
            'Download the file yourself and give its path.'
        )
    cached = _place_of(filename)
    if get_rank() == 0 and not cached.exists():
        print_log(f'Downloading {filename} to {cached}.', 'current')
        _download(filename, cached)
    barrier()
    if not cached.exists():  # on another machine than that of rank 0
        _download(filename, cached)
    return load_from_local(str(cached), map_location)


def load_from_catalogue(filename: str, map_location: Any = None) -> dict[str, Any]:
    """Load a model of one of MMEngine's catalogues, such as ``torchvision://resnet18``.

    Raises:
        CheckpointError: the catalogue has no such model; see also :func:`load_from_https`.
    """
    scheme, _, model = filename.partition('://')
    addresses = _CATALOGUES[scheme]()
    if 'mmlab' in scheme:
        model = get_deprecated_model_names().get(model, model)
    if model not in addresses:
        raise CheckpointError(f'{filename}: the catalogue {scheme} has no model {model!r}.')
    address = addresses[model]
    if not re.match(r'\w+://', address):  # MMEngine's catalogue may be extended by local files
        return load_from_local(os.path.join(_get_mmengine_home(), address), map_location)
    content = load_from_https(address, map_location)
    return _process_mmcls_checkpoint(content) if scheme == 'mmcls' else content


class HttpsRedirects(HTTPRedirectHandler):
    """Follow a server to another address of https only."""

    def redirect_request(self, req: Request, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> Request | None:
        """Refuse a redirect without encryption."""
        if not newurl.startswith('https://'):
            raise URLError(f'{req.full_url} leads to {newurl}, which is not https')
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _place_of(address: str) -> Path:
    """Where a checkpoint is kept: as by torch if its name has a checksum, else apart from others of the name."""
    name = Path(urlparse(address).path).name
    if not _checksum(name):
        digest = hashlib.sha256(address.encode()).hexdigest()[:8]
        name = f'{Path(name).stem}.{digest}{Path(name).suffix}'
    return Path(torch.hub.get_dir(), 'checkpoints', name)


def _checksum(name: str) -> str:
    """The first digits of the SHA-256 that the name of a published file ends in, as ``resnet18-f37072fd.pth``."""
    found = _CHECKSUM.search(name)
    return found[1] if found and not _DATE.fullmatch(found[1]) else ''


def _download(address: str, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    request, part = Request(address, headers={'User-Agent': 'mmsepbn'}), part_of(target)
    try:
        with build_opener(HttpsRedirects()).open(request, timeout=_TIMEOUT) as answer, part.open('xb') as file:
            shutil.copyfileobj(answer, file)
            expected = answer.headers.get('Content-Length')
            if expected is not None and file.tell() != int(expected):
                raise URLError(f'{address} ended after {file.tell()} of {expected} bytes')
        checksum = _checksum(target.name)
        if checksum and not (found := file_sha256(part)).startswith(checksum):
            raise CheckpointError(
                f'{address} is refused: its SHA-256 must begin with {checksum}, as its name says. Got {found}. '
                'Download the file yourself and give its path to use it anyway.'
            )
        part.replace(target)
    except (HTTPError, TimeoutError, ConnectionError, HTTPException) as error:  # none names the address
        raise URLError(f'{address}: {error or type(error).__name__}') from error
    finally:
        part.unlink(missing_ok=True)

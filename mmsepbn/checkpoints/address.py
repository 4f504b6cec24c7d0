"""Checkpoints named by an address: fetched through https alone, then read as guardedly as local files."""

import os
import re
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any
from urllib.error import URLError
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

from mmsepbn.checkpoints.file import CheckpointError, load_from_local

_CATALOGUES: Mapping[str, Callable[[], dict[str, str]]] = {
    'torchvision': get_torchvision_models,
    'modelzoo': get_torchvision_models,
    'open-mmlab': get_external_models,
    'openmmlab': get_external_models,
    'mmcls': get_mmcls_models,
}
_REFUSED = ('http://', 'pavi://', r'(\S+\:)?s3://', r'(\S+\:)?petrel://')  # as MMEngine registers them


def guard_addresses() -> None:
    """Replace MMEngine's loader of every scheme; it hands what they fetch to ``pickle``."""
    CheckpointLoader.register_scheme([*_REFUSED, 'https://'], load_from_https, force=True)
    CheckpointLoader.register_scheme([f'{name}://' for name in _CATALOGUES], load_from_catalogue, force=True)


def load_from_https(filename: str, map_location: Any = None) -> dict[str, Any]:
    """Fetch a checkpoint, unless torch's cache has it, and load it as :func:`load_from_local` does.

    Raises:
        URLError: it cannot be fetched.
        CheckpointError: the address is not one of https; see also :func:`load_from_local`.
    """
    if not filename.startswith('https://'):
        raise CheckpointError(
            f'{filename} is refused: of addresses only https:// is read, because nobody can change that on its way. '
            'Fetch the file yourself and name it.'
        )
    cached = Path(torch.hub.get_dir(), 'checkpoints', os.path.basename(urlparse(filename).path))
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
        """Refuse to go on without encryption."""
        if not newurl.startswith('https://'):
            raise URLError(f'{req.full_url} leads to {newurl}, which is not https')
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _download(address: str, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with (
        build_opener(HttpsRedirects()).open(Request(address, headers={'User-Agent': 'mmsepbn'})) as answer,
        NamedTemporaryFile(dir=target.parent, prefix=target.name, suffix='.part', delete=False) as part,
    ):
        try:
            shutil.copyfileobj(answer, part)
            expected = answer.headers.get('Content-Length')
            if expected is not None and part.tell() != int(expected):
                raise URLError(f'{address} ended after {part.tell()} of {expected} bytes')
            os.replace(part.name, target)
        finally:
            Path(part.name).unlink(missing_ok=True)

"""An exported network, run by onnxruntime."""

from collections.abc import Sequence
from dataclasses import replace
from os.path import isfile  # Path.is_file raises where a name is too long
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mmsepbn.runtime.metadata import read_metadata
from mmsepbn.runtime.network import check_crops
from mmsepbn.user_error import UserError
from mmsepbn.zoo.resolve import newest_calibration

if TYPE_CHECKING:
    from onnxruntime import InferenceSession


class ProviderError(UserError):
    """A provider that onnxruntime lacks or cannot start.

    Attributes:
        reason: the message without the name of the parameter.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(f'OnnxNetwork(provider=) {reason}')
        self.reason = reason


class OnnxNetwork:
    """A network that tools/export.py wrote; a :class:`mmsepbn.runtime.network.Network` without torch.

    Args:
        file: the ONNX file.
        provider: execution provider: ``cpu``, ``cuda``, ``tensorrt``, ... or onnxruntime's own name, and the number of
            the GPU if it is not the first, as in ``cuda:1``; None: the CPU.
        threads: of the CPU; None: one per core. If given, they sleep when idle, which leaves the cores to torch and
            other programs.

    Attributes:
        info: how faces are cut out for it, and what it returns.
        about: further metadata of the file: network, training, results, config, versions, licence, weights_sha256.

    Raises:
        FileNotFoundError: there is no such file.
        ImportError: onnxruntime is not installed.
        ProviderError: a provider that this onnxruntime lacks or cannot start.
        ValueError: threads below 1, or a file that is not an ONNX file of this package.
    """

    def __init__(self, file: str | Path, provider: str | None = None, threads: int | None = None) -> None:
        self._session = _session(file, provider, threads)
        try:
            info, self.about = read_metadata(self._session.get_modelmeta().custom_metadata_map)
        except ValueError as error:
            raise ValueError(f'{file} is not a landmark network: {error}') from None
        self.info = replace(info, calibration=newest_calibration(file) or info.calibration)
        self._input = self._session.get_inputs()[0].name

    def __call__(self, crops: NDArray[np.uint8], protocols: Sequence[str]) -> dict[str, NDArray[np.float32]]:
        """Landmarks of each of the protocols: crops (N, H, W, 3) BGR uint8 -> (N, L, 2) in crop pixels.

        Raises:
            ValueError: see :func:`check_crops`.
        """
        check_crops(self.info, crops, protocols)
        names = list(protocols)
        if not names:  # of which onnxruntime would make all
            return {}
        found = self._session.run(names, {self._input: np.ascontiguousarray(crops)})
        return dict(zip(names, found, strict=True))


def _session(file: str | Path, provider: str | None, threads: int | None) -> 'InferenceSession':
    if not isfile(file):
        advice = ' Of addresses only checkpoints are fetched.' if '://' in str(file) else ''
        raise FileNotFoundError(f'There is no ONNX file {file}.{advice}')
    if threads is not None and threads < 1:
        raise ValueError(f'OnnxNetwork(threads=) must be at least 1, or None. Got {threads}.')
    onnxruntime = _onnxruntime()
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3  # errors; what it warns of, such as a provider that does not start, is raised here
    if threads is not None:
        options.intra_op_num_threads = threads
        options.add_session_config_entry('session.intra_op.allow_spinning', '0')
    kind, _, number = (provider or 'cpu').partition(':')
    if number and not number.isdecimal():
        raise ProviderError(f'must end in the number of a GPU, as in cuda:1. Got {provider!r}.')
    name = _provider(kind, onnxruntime.get_available_providers())
    try:
        settings = [{'device_id': number}] if number else None
        session = onnxruntime.InferenceSession(file, options, providers=[name], provider_options=settings)
    except Exception as error:  # of onnxruntime's own classes, which have no common one
        raise ValueError(f'{file} is not an ONNX file that onnxruntime can load: {_first_line(error)}') from error
    if session.get_providers()[0] != name:
        raise ProviderError(f'{provider!r} does not start here; onnxruntime fell back to the CPU.')
    return session


def _onnxruntime() -> Any:
    try:
        import onnxruntime
    except ImportError:
        raise ImportError('An ONNX network needs onnxruntime: pip install "mmsepbn[runtime]".') from None
    return onnxruntime


def _provider(asked: str, available: Sequence[str]) -> str:
    """The name that onnxruntime has for the provider ``asked`` for."""
    for name in available:
        if asked.lower() in (name.lower(), name.lower().removesuffix('executionprovider')):
            return name
    short = [name.removesuffix('ExecutionProvider').lower() for name in available]
    raise ProviderError(f'must be among {short}, which this onnxruntime has. Got {asked!r}.')


def _first_line(error: Exception) -> str:
    return str(error).strip().partition('\n')[0]

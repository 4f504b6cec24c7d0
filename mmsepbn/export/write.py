"""Write and check an ONNX file before it is moved into place."""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from mmsepbn.whole_file import write_whole

if TYPE_CHECKING:
    from onnx import ModelProto


def write_checked(model: 'ModelProto', path: Path, check: Callable[[Path], None]) -> None:
    """Write one file with all weights; if ``check`` of the written file raises, an existing file is kept."""
    with tempfile.TemporaryDirectory(prefix=f'.{path.name}.', dir=path.parent) as folder:
        written = Path(folder) / path.name
        write_whole(written, model.SerializeToString())
        check(written)
        written.replace(path)

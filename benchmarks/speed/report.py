"""Figures, kept as they come."""

import json
import math
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mmsepbn.whole_file import write_whole

Row = dict[str, Any]


class Report:
    """Rows of figures in a JSON file that is rewritten whole after each, so that a stop loses nothing.

    Args:
        path: the file; its folder is there.
        seconds: that there are.
        about: what else stands in the file, such as the machine.

    Attributes:
        rows: what was measured: its key and figures, or its key and ``error``.
        left_out: keys for which no time was left.
    """

    def __init__(self, path: Path, seconds: float = math.inf, about: Row | None = None) -> None:
        self.rows: list[Row] = []
        self.left_out: list[Row] = []
        self._path, self._end, self._about = path, time.monotonic() + seconds, about or {}
        self._write()

    @property
    def left(self) -> float:
        """Seconds that are left."""
        return self._end - time.monotonic()

    @property
    def failed(self) -> bool:
        """Whether a row ended in an error."""
        return any('error' in row for row in self.rows)

    def measure(self, key: Row, figures: Callable[[], Row], seconds: float = 0.0) -> None:
        """Add ``key`` with what ``figures`` returns or raises, unless ``seconds``, which it takes, are not left."""
        print(', '.join(f'{name} {value}' for name, value in key.items()), flush=True)
        if self.left < seconds:
            self.left_out.append(key)
        else:
            try:
                row = figures()
            except Exception as error:  # noqa: BLE001  whatever the device raises is a result
                row = dict(error=f'{type(error).__name__}: {error}', traceback=traceback.format_exc())
            self.rows.append({**key, **row})
        self._write()

    def _write(self) -> None:
        content = dict(**self._about, rows=self.rows, left_out=self.left_out)
        # Not write_json: a figure may be NaN, a result too.
        write_whole(self._path, (json.dumps(content, indent=1) + '\n').encode())

"""Notice when a file outside of a folder is opened: by Python through its audit hook, by C through inotify."""

import ctypes
import os
import sys
from pathlib import Path

_IN_OPEN = 0x20
_OWN = tuple(os.path.realpath(path) for path in (sys.prefix, sys.base_prefix, Path(__file__).parents[2]))


class Watch:
    """Collects what is opened outside ``root``, within a ``with`` block, Python's and the project's own files apart.

    C libraries are seen only where they open files of ``outside``.
    """

    def __init__(self, root: Path, outside: Path) -> None:
        self.opened: list[str] = []
        self._allowed = (os.path.realpath(root), *_OWN)
        self._active = False
        libc = ctypes.CDLL(None, use_errno=True)
        self._events = libc.inotify_init1(os.O_NONBLOCK)
        assert libc.inotify_add_watch(self._events, os.fsencode(outside), _IN_OPEN) >= 0
        sys.addaudithook(self._hear)

    def __enter__(self) -> 'Watch':
        self.opened.clear()
        self._active = True
        return self

    def __exit__(self, *error: object) -> None:
        self._active = False
        try:
            os.read(self._events, 4096)
            self.opened.append('by a library in C')
        except BlockingIOError:
            pass

    def _hear(self, event: str, args: tuple) -> None:
        if self._active and event == 'open' and isinstance(args[0], (str, bytes)):
            real = os.path.realpath(os.fsdecode(args[0]))
            if not any(real == place or real.startswith(f'{place}/') for place in self._allowed):
                self.opened.append(real)

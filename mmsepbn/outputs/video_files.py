"""Write predictions on a video, frame by frame."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from functools import partial
from typing import NamedTuple

from mmsepbn.apis.face import Face
from mmsepbn.outputs.growing_file import GrowingFile
from mmsepbn.outputs.plain import frame_text, utf8, video_heading, video_rows, video_start
from mmsepbn.protocols import Protocol

_Size = tuple[int, int]


class _Kind(NamedTuple):
    """One of the files: its name, its start by the frames' size, what is added of each frame, and its end."""

    name: str
    start: Callable[[_Size], str]
    frame: Callable[[int, Sequence[Face]], str]
    end: str = ''


class VideoFiles:
    """Writes JSON and CSV of a video, so that no frame has to be kept; they are opened with its first frame.

    Args:
        path: of the video, or the name of a camera.
        stem: with which the names of its files begin.
        formats: ``json``, ``csv``; others are ignored.
        protocols: that are predicted.
        create: opens a file by its name.

    Attributes:
        names: of the files.
        count, seen: frames that were added, and those with a face.
    """

    def __init__(
        self,
        path: str,
        stem: str,
        formats: Sequence[str],
        protocols: Sequence[Protocol],
        create: Callable[[str], GrowingFile],
    ) -> None:
        self._create = create
        self._kinds = list(_kinds(path, stem, formats, protocols))
        self._files: list[GrowingFile] = []
        self.names = [kind.name for kind in self._kinds]
        self.count = self.seen = 0

    def add(self, size: _Size, faces: Sequence[Face]) -> None:
        """Write the faces of the next frame, of ``size`` (width, height). OSError: a file cannot be written."""
        if not self.count:
            for kind in self._kinds:
                self._files.append(self._create(kind.name))
                self._files[-1].write(utf8(kind.start(size)))
        for kind, file in zip(self._kinds, self._files, strict=True):
            file.write(utf8(kind.frame(self.count, faces)))
        self.count += 1
        self.seen += bool(faces)

    def close(self) -> None:
        """Finish the files. OSError: one cannot be written."""
        with ExitStack() as stack:  # all are closed, whatever becomes of one
            for kind, file in zip(self._kinds, self._files, strict=False):
                stack.callback(file.close, utf8(kind.end))


def _kinds(path: str, stem: str, formats: Sequence[str], protocols: Sequence[Protocol]) -> Iterator[_Kind]:
    if 'json' in formats:
        yield _Kind(f'{stem}.json', partial(video_start, path), frame_text, '\n]}\n')
    for protocol in protocols if 'csv' in formats else ():
        heading, rows = video_heading(protocol), partial(video_rows, protocol)
        yield _Kind(f'{stem}.{protocol.name}.csv', lambda size, heading=heading: heading, rows)

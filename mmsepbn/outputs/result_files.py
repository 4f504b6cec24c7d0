"""Write predictions on images and videos in the requested formats."""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePath
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from mmsepbn.apis.face import Face
from mmsepbn.apis.image import ShownImage
from mmsepbn.outputs.coco import coco_content, mmpose_content
from mmsepbn.outputs.draw import draw_faces
from mmsepbn.outputs.folder import OutputFolder
from mmsepbn.outputs.image_faces import ImageFaces
from mmsepbn.outputs.plain import csv_text, json_content, json_text, utf8
from mmsepbn.outputs.pts import pts_of
from mmsepbn.outputs.video_files import VideoFiles
from mmsepbn.protocols import Protocol

FORMATS = ('draw', 'json', 'csv', 'coco', 'pts', 'mmpose')
OF_VIDEOS = ('draw', 'json', 'csv')
_QUALITY = 95


class ResultFiles:
    """Writes results: ``draw``, ``json`` and ``pts`` with each image, ``csv``, ``coco`` and ``mmpose`` of all images.

    Files of an image have its path relative to the common folder of all images, which is also its name in COCO's and
    MMPose's files. Drawings show the protocol with most landmarks. Of a video there are ``draw``, ``json`` and ``csv``.
    As a context manager it leaves no empty folders of failed inputs.

    Args:
        folder: the output folder.
        formats: of ``FORMATS``.
        protocols: that are predicted.
        images: paths of all images.
        videos: paths of all videos, and names of cameras.
        overwrite: replace files of earlier runs; images and videos that are read are never replaced.

    Attributes:
        written: whether anything was written.

    Raises:
        FileExistsError, OSError: see :meth:`OutputFolder.refuse_existing`.
    """

    def __init__(
        self,
        folder: str | Path,
        formats: Sequence[str],
        protocols: Sequence[Protocol],
        images: Sequence[str],
        videos: Sequence[str] = (),
        overwrite: bool = False,
    ) -> None:
        self._formats, self._protocols = formats, protocols
        self._folder = OutputFolder(folder, [*images, *videos], overwrite)
        self._names = dict(zip(images, names_below_common(images), strict=True))
        self._images: list[ImageFaces] = []
        self.written = False
        whole = list(self._run_files()) if images else []
        self._kept = bool(whole)
        for name in whole:
            self._folder.own_stem(name)
        self._stems = {path: self._folder.own_stem(name) for path, name in self._names.items()}
        self._stems |= {path: self._folder.own_stem(PurePath(path.replace(':', '_')).name) for path in videos}
        ends = {'draw': '.jpg', 'json': '.json'}
        of_images = [self._stems[path] + end for path in images for name, end in ends.items() if name in formats]
        of_videos = [name for path in videos for name in self._video_files(path).names]
        of_videos += [f'{self._stems[path]}.mp4' for path in videos if 'draw' in formats]
        pts = [
            f'{self._stems[path]}{end}{number}.pts'
            for path in images
            for _, end in self._pts_ends()
            for number in ('', '_1')
        ]
        self._folder.refuse_existing(dict.fromkeys([*whole, *of_images, *pts, *of_videos]))

    def draw(self, pixels: NDArray[np.uint8], faces: Sequence[Face]) -> NDArray[np.uint8]:
        """The image (H, W, 3) BGR with its faces."""
        return draw_faces(pixels, faces, max(self._protocols, key=lambda protocol: protocol.num_landmarks))

    def add(self, path: str, image: ShownImage, faces: Sequence[Face]) -> None:
        """Write the files of an image, and keep its faces where there are files of all images.

        Raises:
            OSError: as the folder's.
        """
        height, width = image.pixels.shape[:2]
        result = ImageFaces(path, self._names[path], (width, height), image.orientation, faces)
        if self._kept:
            self._images.append(result)
        for name, content in self._image_files(result, image.pixels):
            self._write(name, content)

    def drawn_video(self, path: str) -> Path | None:
        """The file for a drawn video, written by its reader; None if it is not drawn."""
        return self._folder.folder / f'{self._stems[path]}.mp4' if 'draw' in self._formats else None

    @contextmanager
    def video(self, path: str) -> Iterator[VideoFiles]:
        """The other files of a video; at the end of the context they have their names, with all frames until then."""
        files, drawn = self._video_files(path), self.drawn_video(path)
        try:
            yield files
        finally:
            files.close()
            self.written |= bool(files.count and (files.names or (drawn and drawn.is_file())))

    def __enter__(self) -> 'ResultFiles':
        return self

    def __exit__(self, *error: object) -> None:
        """Remove the folders that were made and hold nothing."""
        self._folder.remove_empty()

    def close(self) -> list[str]:
        """Write the files of all images; returns the problems of those that failed."""
        problems = []
        for name, content in self._run_files().items() if self._images else ():
            try:
                self._write(name, content())
            except OSError as error:
                problems.append(str(error))
            except ValueError as error:
                problems.append(f'{self._folder.folder / name}: {error}')
        return problems

    def _write(self, name: str, content: bytes) -> None:
        self._folder.write(name, content)
        self.written = True

    def _image_files(self, result: ImageFaces, pixels: NDArray[np.uint8]) -> Iterator[tuple[str, bytes]]:
        stem = self._stems[result.path]
        if 'json' in self._formats:
            yield f'{stem}.json', _json(json_content(result))
        for protocol, protocol_end in self._pts_ends():
            texts = pts_of(result, protocol)
            for number, text in enumerate(texts, 1):
                end = protocol_end + f'_{number}' * (len(texts) > 1)
                yield f'{self._folder.own_stem(f"{stem}{end}.pts") if end else stem}.pts', text.encode()
        if 'draw' in self._formats:  # last, since images may be too large for it
            yield f'{stem}.jpg', _jpeg(self.draw(pixels, result.faces))

    def _pts_ends(self) -> list[tuple[Protocol, str]]:
        """Protocols that have ``.pts`` files, and how these end before the number of the face."""
        own = self._protocols if 'pts' in self._formats else ()
        return [(protocol, f'_{protocol.name}' * (len(own) > 1)) for protocol in own]

    def _video_files(self, path: str) -> VideoFiles:
        return VideoFiles(path, self._stems[path], self._formats, self._protocols, self._folder.create)

    def _run_files(self) -> dict[str, Callable[[], bytes]]:
        """Names of the files of all images -> what makes their contents."""
        files: dict[str, Callable[[], bytes]] = {}
        if 'coco' in self._formats:
            files['coco.json'] = lambda: _json(coco_content(self._images, self._protocols))
        for protocol in self._protocols:
            if 'csv' in self._formats:
                files[f'landmarks_{protocol.name}.csv'] = lambda own=protocol: utf8(csv_text(self._images, own))
            if 'mmpose' in self._formats:
                files[f'mmpose_{protocol.name}.json'] = lambda own=protocol: _json(mmpose_content(self._images, own))
        return files


def names_below_common(paths: Sequence[str]) -> list[str]:
    """Each path relative to the deepest folder that holds all of them, with ``/``."""
    whole = [os.path.abspath(path) for path in paths]
    common = os.path.commonpath([os.path.dirname(path) for path in whole]) if whole else ''
    return [PurePath(os.path.relpath(path, common)).as_posix() for path in whole]


def _json(content: dict[str, Any]) -> bytes:
    return utf8(f'{json_text(content)}\n')


def _jpeg(pixels: NDArray[np.uint8]) -> bytes:
    try:
        encoded, content = cv2.imencode('.jpg', pixels, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    except cv2.error:
        encoded = False
    if not encoded:
        raise OSError(f'An image of {pixels.shape[1]} x {pixels.shape[0]} pixels cannot be written as JPEG.')
    return content.tobytes()

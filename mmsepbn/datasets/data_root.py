"""The folders in which the files of a data set may be."""

import os
import stat
import unicodedata
from collections.abc import Iterable
from pathlib import Path

from mmsepbn.datasets.annotation import AnnotationError, FaceAnnotation
from mmsepbn.datasets.formats.image_file import file_of
from mmsepbn.datasets.formats.text_file import kind_of
from mmsepbn.listing import shortened


class DataRoot:
    """The folders to which paths in a data set's files are restricted.

    Args:
        places: what the user named: folders, or single files. They may be links; links inside them must lead back in.
        allow_outside: take files from anywhere.
    """

    def __init__(self, *places: str | Path, allow_outside: bool = False) -> None:
        self._places = tuple(os.path.realpath(place) for place in places)
        self._allow_outside = allow_outside
        self._folders: dict[str, str] = {}  # by name: where they really are; most faces share theirs

    def with_places(self, *places: str | Path) -> 'DataRoot':
        """The same with further places."""
        return DataRoot(*self._places, *places, allow_outside=self._allow_outside)

    def has(self, path: str | Path, source: str) -> bool:
        """Whether the file exists.

        Raises:
            AnnotationError: it is outside the root, is not a regular file, or has an impossible name; names ``source``,
                the place that refers to it.
        """
        name = os.fspath(path)
        try:
            name.encode()  # JSON can hold halves of characters, which cannot even be printed
            mode = self._mode(name, source)
        except (FileNotFoundError, NotADirectoryError):
            return False
        except AnnotationError:
            raise
        except (OSError, ValueError) as error:
            reason = getattr(error, 'strerror', None) or error
            raise AnnotationError(f'{source}: {name!r} cannot be opened: {reason}.') from None
        if not stat.S_ISREG(mode):
            raise AnnotationError(f'{source}: {name!r} must be a regular file. Got {kind_of(mode)}.')
        return True

    def check_images(self, folder: str, faces: Iterable[FaceAnnotation]) -> None:
        """Raise AnnotationError for the first image that :meth:`has` refuses, or listing ten missing ones."""
        sources: dict[str, str] = {}
        for face in faces:
            sources.setdefault(file_of(face.image), face.source)
        missing = [image for image, source in sources.items() if not self.has(os.path.join(folder, image), source)]
        if missing:
            many = f'{len(missing)} annotated images are missing under {folder}'
            said = many if len(missing) > 1 else f'1 annotated image is missing under {folder}'
            listed = [f'{image}{_other_form(folder, image)}' for image in missing]
            raise AnnotationError(f'{said}:\n  {shortened(listed)}')

    def _mode(self, name: str, source: str) -> int:
        """``st_mode`` of the file behind all links; one call to the system for most files."""
        folder, file = os.path.split(name)
        if folder not in self._folders:
            self._folders[folder] = os.path.realpath(folder)
        real = os.path.join(self._folders[folder], file)
        if file in ('', '.', '..'):
            real = os.path.realpath(real)
        self._refuse_outside(name, real, source)
        mode = os.lstat(real).st_mode
        if stat.S_ISLNK(mode):
            real = os.path.realpath(real)
            self._refuse_outside(name, real, source)
            mode = os.stat(real).st_mode
        return mode

    def _refuse_outside(self, name: str, real: str, source: str) -> None:
        if self._allow_outside or any(
            real == place or real.startswith(os.path.join(place, '')) for place in self._places
        ):
            return
        raise AnnotationError(
            f'{source}: {name!r} leads to {real}, outside of the data root {self._places[0]}; allow_outside=True of '
            'the data set permits it.'
        )


def _other_form(folder: str, image: str) -> str:
    """A hint where the image is there by a name that looks the same: a Mac may write ``ä`` as ``a`` and two dots."""
    forms = (unicodedata.normalize('NFC', image), unicodedata.normalize('NFD', image))
    there = any(form != image and os.path.isfile(os.path.join(folder, form)) for form in forms)
    return ' (it is there in another Unicode form)' if there else ''

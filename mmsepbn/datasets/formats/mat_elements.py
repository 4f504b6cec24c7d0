"""Data elements, of which MATLAB files of version 5 are made."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

_DEEPEST = 12  # elements within each other; the boxes of 300W have 4
_NUMBERS = {1: 'i1', 2: 'u1', 3: 'i2', 4: 'u2', 5: 'i4', 6: 'u4', 7: 'f4', 9: 'f8', 12: 'i8', 13: 'u8'}
_TEXT = {1: 'latin-1', 2: 'latin-1', 4: 'utf-16', 16: 'utf-8', 17: 'utf-16', 18: 'utf-32'}
MATRIX, COMPRESSED = 14, 15


class DamagedError(ValueError):
    """The problem in a file."""


@dataclass
class Elements:
    """A row of data elements, taken one after another; each method raises DamagedError.

    Attributes:
        content: their bytes.
        order: of bytes: ``<`` or ``>``.
        budget: an item for each further array that the file may have.
        place: where the next one begins.
        depth: how many elements this row is in.
    """

    content: memoryview
    order: str
    budget: Iterator[int]
    place: int = 0
    depth: int = 0

    def __bool__(self) -> bool:
        return self.place < len(self.content)

    def take(self) -> tuple[int, memoryview]:
        """Type and bytes of the next element."""
        kind, size = np.frombuffer(self._bytes(8), self.order + 'u4').tolist()
        if kind >> 16:  # a small element: up to four bytes inside its own tag
            kind, size = kind & 0xFFFF, kind >> 16
            if size > 4:
                raise DamagedError(f'a small element has {size} bytes')
            return kind, self.content[self.place - 4 : self.place - 4 + size]
        data = self._bytes(size)
        if kind != COMPRESSED:
            self.place = min(-(-self.place // 8) * 8, len(self.content))
        return kind, data

    def inner(self, data: memoryview) -> 'Elements':
        """The elements within one."""
        if self.depth == _DEEPEST:
            raise DamagedError(f'it holds more than {_DEEPEST} elements within each other')
        return Elements(data, self.order, self.budget, depth=self.depth + 1)

    def array(self) -> 'Elements':
        """The elements of the next one, which is an array."""
        kind, data = self.take()
        if kind != MATRIX:
            raise DamagedError(f'expected an array, got an element of type {kind}')
        return self.inner(data)

    def numbers(self) -> NDArray[Any]:
        """The next element, which holds numbers."""
        kind, data = self.take()
        if kind not in _NUMBERS:
            raise DamagedError(f'expected numbers, got an element of type {kind}')
        kept = np.dtype(self.order + _NUMBERS[kind])
        if len(data) % kept.itemsize:
            raise DamagedError(f'{len(data)} bytes are no whole numbers of {kept.itemsize} bytes')
        return np.frombuffer(data, kept)

    def integers(self) -> list[int]:
        """The next element, which holds a few whole numbers: flags, sides or a length."""
        numbers = self.numbers()
        if numbers.dtype.kind not in 'iu' or len(numbers) > 8:
            raise DamagedError(f'expected up to 8 whole numbers, got {len(numbers)} of {numbers.dtype}')
        return numbers.tolist()

    def text(self) -> str:
        """The next element, which holds text."""
        kind, data = self.take()
        if kind not in _TEXT:
            raise DamagedError(f'expected text, got an element of type {kind}')
        encoding = _TEXT[kind]
        if encoding in ('utf-16', 'utf-32'):  # they would expect a byte order mark
            encoding += {'<': '-le', '>': '-be'}[self.order]
        try:
            return str(data, encoding)
        except UnicodeDecodeError:
            raise DamagedError(f'text is not in {_TEXT[kind]}') from None

    def _bytes(self, size: int) -> memoryview:
        data = self.content[self.place : self.place + size]
        if len(data) != size:
            raise DamagedError(f'an element of {size} bytes begins where {len(data)} are left')
        self.place += size
        return data

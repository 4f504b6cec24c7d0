"""MATLAB files of version 5 (before v7.3), as AFLW and the boxes of 300W use them.

SciPy's reader, written in C, trusts the sizes in a file: a damaged one crashes the interpreter, never ends, or takes
all memory. This one reads numbers, text, cells and structs, and checks every size against the file's bytes.
"""

import math
import zlib
from collections.abc import Collection
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmsepbn.datasets.annotation import AnnotationError
from mmsepbn.datasets.formats.mat_elements import COMPRESSED, DamagedError, Elements
from mmsepbn.datasets.formats.text_file import read_bytes

_HEADER = 128
_MOST_BYTES = 2**28  # of an unpacked variable; AFLW's largest has 8 MB
_MOST_ARRAYS = 300_000  # in the variables that are read; AFLW has 24,391
_MOST_VARIABLES = 100
_CELL, _STRUCT, _CHAR, _NUMERIC = 1, 2, 4, range(6, 16)  # classes of arrays
_COMPLEX = 0x800


def read_mat(path: Path, names: Collection[str]) -> dict[str, Any]:
    """The variables of a MATLAB file by name; those not in ``names`` are None.

    Numbers are arrays of at least two dimensions, text is a str, cells are arrays of objects, structs are dicts, or
    arrays of dicts where they are not one.

    Raises:
        AnnotationError: not such a file, damaged, or other content in these variables; names the file.
    """
    content = memoryview(read_bytes(path))
    try:
        return _variables(content, names)
    except DamagedError as error:
        raise AnnotationError(f'{path} must be a MATLAB file before v7.3: {error}.') from None


def _variables(content: memoryview, names: Collection[str]) -> dict[str, Any]:
    order = {b'IM': '<', b'MI': '>'}.get(bytes(content[126:128]))
    if order is None or np.frombuffer(content[124:126], order + 'u2')[0] != 0x0100:
        raise DamagedError('it has no header of version 5')
    elements = Elements(content, order, iter(range(_MOST_ARRAYS)), _HEADER)
    found: dict[str, Any] = {}
    while elements:
        array = _variable(elements)
        name = _name(array.inner(array.content))
        if found.get(name) is not None or len(found) == _MOST_VARIABLES:
            raise DamagedError(f'it holds {name!r} twice, or more than {_MOST_VARIABLES} variables')
        found[name] = _value(array) if name in names else None
    return found


def _variable(elements: Elements) -> Elements:
    """The elements of the next variable, which may be packed."""
    begin = elements.place
    kind, data = elements.take()
    if kind == COMPRESSED:
        return elements.inner(_unpacked(data)).array()
    elements.place = begin
    return elements.array()


def _unpacked(data: memoryview) -> memoryview:
    unpacker = zlib.decompressobj()
    try:
        content = unpacker.decompress(data, _MOST_BYTES)
    except (zlib.error, MemoryError) as error:
        raise DamagedError(f'a variable cannot be unpacked: {error}') from None
    if not unpacker.eof:
        raise DamagedError(f'a packed variable ends early or has more than {_MOST_BYTES} bytes')
    return memoryview(content)


def _name(elements: Elements) -> str:
    """Of a variable: behind its flags and dimensions."""
    elements.take()
    elements.take()
    return elements.text()


def _value(elements: Elements) -> Any:
    """The value of an array from its elements: flags, dimensions, name, content."""
    if next(elements.budget, None) is None:
        raise DamagedError(f'it holds more than {_MOST_ARRAYS} arrays')
    if not elements:
        return np.empty((0, 0))  # MATLAB's [] inside of a cell
    flags, shape = elements.integers(), tuple(elements.integers())
    elements.take()
    if len(flags) != 2 or len(shape) < 2 or min(shape) < 0 or math.prod(side or 1 for side in shape) > _MOST_BYTES:
        raise DamagedError(f'an array has the shape {shape}')
    if flags[0] & _COMPLEX:
        raise DamagedError('an array has complex numbers')
    kind = flags[0] & 0xFF
    if kind in _NUMERIC:
        return _shaped(elements.numbers(), shape)
    if kind == _CHAR:
        return _line(elements.text(), shape)
    if kind == _CELL:
        return _shaped(_objects(elements, math.prod(shape)), shape)
    if kind == _STRUCT:
        return _struct(elements, shape)
    raise DamagedError(f'an array is of class {kind}, not of numbers, text, cells or a struct')


def _shaped(values: NDArray[Any], shape: tuple[int, ...]) -> NDArray[Any]:
    if len(values) != math.prod(shape):
        raise DamagedError(f'an array of shape {shape} has {len(values)} entries')
    return values.reshape(shape, order='F')


def _line(text: str, shape: tuple[int, ...]) -> str:
    if len(text) != math.prod(shape) or len(shape) != 2 or shape[0] > 1:
        raise DamagedError(f'text must be one line. Got shape {shape} of {len(text)} characters')
    return text


def _objects(elements: Elements, count: int) -> NDArray[Any]:
    """The arrays inside a cell or struct."""
    values = []
    while elements:
        values.append(_value(elements.array()))
    if len(values) != count:
        raise DamagedError(f'a cell or struct must have {count} arrays. Got {len(values)}')
    objects = np.empty(count, object)
    for index, value in enumerate(values):  # numpy would look into lists and arrays of one shape
        objects[index] = value
    return objects


def _struct(elements: Elements, shape: tuple[int, ...]) -> Any:
    lengths, block = elements.integers(), elements.text()
    length = lengths[0] if len(lengths) == 1 else 0
    if length < 1 or len(block) % length:
        raise DamagedError(f'{len(block)} bytes of field names are not of the length {lengths}')
    fields = [block[place : place + length].partition('\0')[0] for place in range(0, len(block), length)]
    if not fields or len({*fields}) < len(fields):
        raise DamagedError(f'a struct has the fields {fields[:10]}')
    values = _objects(elements, math.prod(shape) * len(fields)).reshape(-1, len(fields))
    rows = np.empty(len(values), object)
    for index, row in enumerate(values):
        rows[index] = dict(zip(fields, row, strict=True))
    return rows[0] if len(rows) == 1 else _shaped(rows, shape)

"""Damage to a file, as a function of a seeded generator: bytes, fields and values, and what stands in its place."""

import json
import os
import random
import re
import zlib
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np

OUTSIDE = 'outside'  # beside the folder of all sets: what must stay closed

_TOKENS = (
    *('', ' ', 'nan', '-inf', 'Infinity', '1e39', '-1e400', '1_000', '0x10', '٣', '1,5', '1e', '--1', '9' * 5000),
    *('../../etc/passwd', '/etc/passwd', f'../../../{OUTSIDE}/face.jpg', f'../{OUTSIDE}/face.jpg', 'a' * 300, '.'),
    *('..', '~', 'a\\b', '%s', '"', "'", '#', '//', 'é', '\u2028', '\x0b', '\ufeff', '\0', '{', '}', '-1', '1e-45'),
)
_VALUES = (
    *(None, True, False, 0, -1, 10**30, 10**4000, 1e39, 1e308, float('nan'), float('inf'), 1e-45, '', '1', 'a\0b'),
    *('../../etc/passwd', '/etc/passwd', f'../{OUTSIDE}/face.jpg', '\ud800.jpg', 'a' * 300, '.', [], {}, [1], [[]]),
    *([[1, 2, 3], [4]], [[1, 2, 3]] * 98, [True] * 294, ['1'] * 294, [10**400] * 294, {'a': 1}, [None] * 4),
)


def damage(rng: random.Random, file: Path, content: bytes, kind: str, found: bool) -> None:
    """Write ``content`` with one to four mutations to ``file``, or put something else there.

    Args:
        rng: decides everything.
        file: it exists and is whole.
        content: of the whole file.
        kind: see :class:`fuzz.readers.Reader`.
        found: the reader finds the file by itself, so it must not be a link that leads out.
    """
    if rng.random() < 0.05:
        rng.choice((*_IN_PLACE, *([_leads_out] * 3 if found else ())))(rng, file)
        return
    if kind == 'hdf5' and rng.random() < 0.3:
        file.write_bytes(content)
        with h5py.File(file, 'a') as opened:
            rng.choice(_IN_HDF5)(rng, opened, file)
        return
    if kind in _IN_TEXT and rng.random() < 0.6:
        content = _IN_TEXT[kind](rng, content)
    else:
        ways, most = (_ON_TEXT, 2) if kind in _IN_TEXT else (_ON_BYTES, 4)
        for _ in range(rng.randint(1, most)):
            content = rng.choice(ways)(rng, content)
    file.write_bytes(content)


def _flip(rng, content):
    changed = bytearray(content)
    for _ in range(rng.choice((1, 1, 3, 20)) if changed else 0):
        changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
    return bytes(changed)


def _number(rng, content):
    """A size or count of four or eight bytes becomes an odd one."""
    size = rng.choice((4, 8))
    value = rng.choice((0, 1, 2, 7, 255, 2**16, 2**31 - 1, 2**31, 2**32 - 1, 10**9, 2**63 - 1, 2**64 - 1))
    place = rng.randrange(max(len(content) - size, 1)) // 4 * 4
    return content[:place] + (value % 256**size).to_bytes(size, 'little') + content[place + size :]


def _span(rng, content):
    begin = rng.randrange(len(content) + 1)
    return begin, min(len(content), begin + rng.choice((1, 2, 4, 8, 64, 1000)))


def _delete(rng, content):
    begin, end = _span(rng, content)
    return content[:begin] + content[end:]


def _repeat(rng, content):
    begin, end = _span(rng, content)
    return content[:end] + content[begin:end] * rng.choice((1, 2, 20)) + content[end:]


def _overwrite(rng, content):
    begin, end = _span(rng, content)
    filling = rng.choice((b'\0', b'\xff', b' ', b'[', b'{"', b'\n'))
    return content[:begin] + (filling * (end - begin))[: end - begin] + content[end:]


def _truncate(rng, content):
    return content[: rng.randrange(len(content) + 1)]


def _encode(rng, content):
    return rng.choice(
        (
            lambda: b'\xef\xbb\xbf' + content,
            lambda: content.decode('latin-1').encode('utf-16'),
            lambda: content.replace(b'\n', b'\r\n'),
            lambda: content.replace(b'\n', b'\r'),
            lambda: content + b'\0' * 100,
        )
    )()


_ON_BYTES = (_flip, _flip, _number, _number, _delete, _repeat, _overwrite, _truncate)
_ON_TEXT = (_flip, _delete, _repeat, _overwrite, _truncate, _encode)


def _fields(rng, content):
    """Fields of lines change for odd ones; lines go, come twice or change places."""
    lines = content.decode('latin-1').split('\n')
    for _ in range(rng.randint(1, 3)):
        row = rng.randrange(len(lines))
        parts = re.split(r'([ ,]+)', lines[row])
        action = rng.randrange(6)
        if action < 3:
            parts[rng.choice((0, -1, rng.randrange(len(parts))))] = rng.choice(_TOKENS)
        elif action == 3:
            del parts[rng.randrange(len(parts))]
        lines[row] = ''.join(parts)
        if action == 4:
            lines.insert(row, rng.choice(lines))
        elif action == 5:
            lines.pop(row)
            lines = lines or ['']
    return '\n'.join(lines).encode('utf-8', 'surrogatepass')


def _values(rng, content):
    """Values of a JSON change for odd ones, go, or come twice; keys stand twice; lists become very deep."""
    tree = json.loads(content)
    for _ in range(rng.randint(1, 2)):
        node = tree
        while True:
            keys = list(node) if isinstance(node, dict) else list(range(len(node)))
            if not keys:
                break
            key = rng.choice(keys)
            if isinstance(node[key], (dict, list)) and node[key] and rng.random() < 0.85:
                node = node[key]
                continue
            action = rng.randrange(4)
            if action < 2:
                node[key] = rng.choice(_VALUES)
            elif action == 2:
                del node[key]
            elif isinstance(node, list):
                node.append(node[key])
            else:
                node[key] = [node[key]]
            break
    text = json.dumps(tree)
    action = rng.randrange(12)
    if action == 0:
        deep = rng.choice((100, 5000, 200_000))
        text = text[:-1] + ', "deep": ' + '[' * deep + ']' * deep + '}'
    elif action == 1:
        text = text.replace('"id": 0', '"id": 0, "id": 1').replace('1.', rng.choice(('9' * 5000, '1e999', '-')), 1)
    return text.encode()


_IN_TEXT: dict[str, Callable] = dict(text=_fields, json=_values)


def _leads_out(rng, file):
    file.unlink()
    file.symlink_to(f'../../{OUTSIDE}/{rng.choice(("face.jpg", "face.pts", "a.json", "a.mat", "gone"))}')


def _circle(rng, file):
    file.unlink()
    file.symlink_to(file.name)


def _folder(rng, file):
    file.unlink()
    file.mkdir()


def _pipe(rng, file):
    file.unlink()
    os.mkfifo(file)


def _device(rng, file):
    file.unlink()
    file.symlink_to(rng.choice(('/dev/zero', '/dev/null', '/dev/tty')))


def _sparse(rng, file):
    """A file of 100 GB that takes no room."""
    with file.open('r+b') as opened:
        opened.truncate(10**11)


def _neighbours(rng, file):
    """Files of macOS, links and odd things beside it."""
    (file.parent / f'._{file.name}').write_bytes(b'\0\5\x16\7')
    (file.parent / f'z{file.suffix.upper()}').symlink_to(f'../../{OUTSIDE}/face.pts')


_IN_PLACE: tuple[Callable, ...] = (_circle, _folder, _pipe, _device, _sparse, _neighbours)


def _replaced(make):
    """A change of one of COFW's arrays."""

    def change(rng, opened, file):
        key = rng.choice(('IsTr', 'phisTr', 'bboxesTr'))
        shape = opened[key].shape
        del opened[key]
        make(rng, opened, key, shape, file)

    return change


def _huge(rng, opened, key, shape, file):
    size = rng.choice((10**6, 10**9, 2**40))
    chunks = rng.choice((None, (1, 1000)))
    dtype = rng.choice(('f8', 'u1', h5py.ref_dtype))
    opened.create_dataset(key, (shape[0], size), dtype, chunks=chunks)


def _huge_chunk(rng, opened, key, shape, file):
    array = opened.create_dataset(key, shape, 'f8', chunks=(1, 2**28), maxshape=(None, None), compression='gzip')
    for row in range(shape[0]):
        array.id.write_direct_chunk((row, 0), zlib.compress(bytes(1000)))


def _link_out(rng, opened, key, shape, file):
    opened[key] = h5py.ExternalLink(f'../../{OUTSIDE}/a.mat', f'/{key}')


def _soft(rng, opened, key, shape, file):
    opened[key] = h5py.SoftLink(rng.choice((f'/{key}', '/gone', '/#refs#/image0')))


def _virtual(rng, opened, key, shape, file):
    layout = h5py.VirtualLayout(shape, 'f8')
    layout[:] = h5py.VirtualSource(f'../../{OUTSIDE}/a.mat', key, shape=shape)
    opened.create_virtual_dataset(key, layout)


def _raw_outside(rng, opened, key, shape, file):
    opened.create_dataset(key, shape, 'u1', external=[(str(file.parents[2] / OUTSIDE / 'face.jpg'), 0, 1000)])


def _other_type(rng, opened, key, shape, file):
    dtype = rng.choice((h5py.string_dtype(), h5py.vlen_dtype('f8'), np.dtype([('a', 'f8')]), 'S8', 'c16', '?', 'f2'))
    opened.create_dataset(key, shape, dtype)


def _filled(rng, opened, key, shape, file):
    filling = rng.choice((float('nan'), float('inf'), 1e39, 1e308, 0.0))
    opened.create_dataset(key, data=np.full(shape, filling), compression=rng.choice((None, 'gzip', 'lzf')))


def _group(rng, opened, key, shape, file):
    opened.create_group(key)


def _hard_circle(rng, opened, key, shape, file):
    """References to the array of references itself."""
    references = opened.create_dataset(key, shape, h5py.ref_dtype)
    for index in range(shape[1]):
        references[0, index] = references.ref


_IN_HDF5 = tuple(
    map(
        _replaced,
        (
            *(_huge, _huge, _huge_chunk, _link_out, _soft, _virtual, _raw_outside, _other_type, _filled, _group),
            _hard_circle,
        ),
    )
)

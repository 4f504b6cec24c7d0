"""A network's metadata, as text."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from mmsepbn.evaluation.results_table import results_table
from mmsepbn.fitted.box_map import BoxMap
from mmsepbn.runtime.network import NetworkInfo

_WIDTH = 10


def as_dict(info: NetworkInfo | None, about: Mapping[str, Any]) -> dict[str, Any]:
    """All of it as plain values for JSON."""
    return (asdict(info) if info else {}) | dict(about)


def as_text(info: NetworkInfo | None, about: Mapping[str, Any]) -> str:
    """A line or more for each part that is known, and tables of results."""
    lines = [f'{name:{_WIDTH}} {text}' for name, text in _parts(info, about)]
    tables = [f'results: {source}\n{results_table(rows)}' for source, rows in (about.get('results') or {}).items()]
    return '\n'.join([*lines, *tables])


def _parts(info: NetworkInfo | None, about: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if file := about.get('file'):
        yield 'file', file['name'] if file['size'] is None else f'{file["name"]}, {file["size"] / 1e6:.2f} MB'
    yield 'network', _network(about.get('network') or {})
    if info:
        yield from _use(info)
    for name, value in (about.get('training') or {}).items():
        yield 'training', f'{name.replace("_", " ")}: {", ".join(value) if isinstance(value, list) else value}'
    for name in ('precision', 'licence'):
        if name in about:
            yield name, str(about[name])
    if digest := about.get('weights_sha256'):
        yield 'weights', f'SHA-256 {digest}, of the tensors'
    if versions := about.get('versions'):
        yield 'made with', ', '.join(f'{name} {version}' for name, version in versions.items())


def _use(info: NetworkInfo) -> Iterator[tuple[str, str]]:
    for protocol in info.protocols:
        yield 'protocol', f'{protocol.name}, {protocol.num_landmarks} landmarks, errors by {protocol.normalizer}'
    width, height = info.input_size
    yield 'crop', f'{width} x {height} pixels of the square box, padding {info.padding:g}'
    for detector, box_map in info.box_maps.items():
        yield 'boxes', f'of {detector}: {_box_map(box_map)}'
    if curve := info.calibration:
        yield 'confidence', f'0.5 at a disagreement of {100 * curve.half:.2g} % of the side'


def _network(network: Mapping[str, Any]) -> str:
    parameters = f'{network.get("parameters", 0) / 1e6:.2f} million parameters'
    if 'backbone' not in network:
        reason = network.get('config_left_out')
        if reason:
            return f'{parameters}; its config {reason}, which is not read from a checkpoint'
        return f'{parameters}; the file does not name the network'
    norms, branches = (', '.join(network[part]) or 'none' for part in ('norms', 'branches'))
    return f'{network["estimator"]}, {network["backbone"]}, norms {norms}, branches {branches}, {parameters}'


def _box_map(box_map: BoxMap) -> str:
    return (
        f'centre {box_map.shift_x:+.3f} right and {box_map.shift_y:+.3f} down, in sides; side times {box_map.scale:.3f}'
    )

"""Rows of a report: a layer or a network beside what it is compared with."""

from functools import partial
from typing import Any

import torch

from benchmarks.speed import layers, networks
from benchmarks.speed.layers import Setting, Shape, layer_call
from benchmarks.speed.measure import compare
from benchmarks.speed.networks import build_network, network_call, network_config
from benchmarks.speed.report import Report, Row


def add_layer(
    report: Report,
    shape: Shape,
    training: bool,
    setting: Setting,
    device: torch.device,
    seconds: float,
    needed: float = 0.0,
) -> None:
    """One layer, timed for ``seconds``; left out where less than ``needed`` are left."""
    key = dict(part='layer', shape=shape, training=training, setting=setting.name)
    report.measure(key, partial(_layers, shape, training, setting, device, seconds), needed)


def add_network(
    report: Report,
    name: str,
    batch: int,
    training: bool,
    setting: Setting,
    device: torch.device,
    seconds: float,
    needed: float = 0.0,
    small: bool = False,
) -> None:
    """A whole network likewise: a step of training, or inference."""
    key = dict(part='network', network=name, batch=batch, training=training, setting=setting.name)
    report.measure(key, partial(_networks, name, batch, training, setting, device, seconds, small), needed)


def _layers(shape: Shape, training: bool, setting: Setting, device: torch.device, seconds: float) -> Row:
    chosen = _chosen(layers.NORMS, setting)
    calls = {name: layer_call(make, shape, training, device, setting) for name, make in chosen.items()}
    return compare(calls, device, seconds)


def _networks(
    name: str, batch: int, training: bool, setting: Setting, device: torch.device, seconds: float, small: bool
) -> Row:
    config = networks.NETWORKS[name]
    models = {
        norm: build_network(network_config(config, cfg, small), device)
        for norm, cfg in _chosen(networks.NORMS, setting).items()
    }
    calls = {norm: network_call(model, batch, training, device, setting) for norm, model in models.items()}
    return compare(calls, device, seconds)


def _chosen(norms: dict[str, Any], setting: Setting) -> dict[str, Any]:
    """All norms in the plainest setting, in others BN and SepBN."""
    return norms if setting == Setting() else {name: norms[name] for name in ('BN', 'SepBN')}

"""A batch that carries the sub-domain of each of its samples through a network."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor


class DomainTensor(Tensor):
    """Feature maps that know the sub-domain of each sample, and pass it on to whatever is computed from them.

    Norm layers that treat sub-domains apart read it from their input. It lives nowhere but in the tensors of one
    forward pass: nothing is left behind by an exception, gradient checkpointing (not the reentrant kind) finds it in
    the inputs it saved, and each process of DDP has its own.

    Attributes:
        domains: (N,) long, for a tensor whose first dimension is the batch.
    """

    domains: Tensor

    @classmethod
    def __torch_function__(
        cls, func: Callable[..., Any], types: Any, args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        """Run ``func`` and give its results the domains of the first argument that has them."""
        result = super().__torch_function__(func, types, args, dict(kwargs or {}))
        source = next(_tagged([*args, kwargs or {}]), None)
        if source is not None:
            for tensor in _untagged(result):
                tensor.domains = source.domains
        return result


def with_domains(x: Tensor, domains: Tensor) -> DomainTensor:
    """``x`` (N, ...) with the sub-domain of each sample, (N,) long; shares memory with x.

    Raises:
        ValueError: another number of domains than samples.
    """
    if domains.shape != x.shape[:1]:
        raise ValueError(
            f'with_domains(domains=) must be one number a sample, {x.shape[0]}. Got {tuple(domains.shape)}.'
        )
    tagged = x.as_subclass(DomainTensor)
    tagged.domains = domains.to(x.device)
    return tagged


def domains_of(x: Tensor) -> Tensor | None:
    """Sub-domains of the samples of x, (N,) long; None where it carries none."""
    return x.domains if isinstance(x, DomainTensor) and hasattr(x, 'domains') else None


def plain(x: Tensor) -> Tensor:
    """``x`` without its domains."""
    with torch._C.DisableTorchFunctionSubclass():
        return x.as_subclass(Tensor)


def _tagged(value: Any) -> Iterator[DomainTensor]:
    if isinstance(value, DomainTensor):
        if 'domains' in value.__dict__:
            yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _tagged(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _tagged(item)


def _untagged(value: Any) -> Iterator[DomainTensor]:
    if isinstance(value, DomainTensor):
        if 'domains' not in value.__dict__:
            yield value
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _untagged(item)

"""Whether operations run as they are written, or something records or transforms them."""

import torch

_is_exporting = getattr(torch.compiler, 'is_exporting', lambda: False)  # since torch 2.7
# Private, there is nothing public: without them every operation counts as recorded, which is slower but never wrong.
_function_transform = getattr(getattr(torch._C, '_functorch', None), 'peek_interpreter_stack', lambda: 'unknown')
_forward_ad = torch.autograd.forward_ad


def is_exporting() -> bool:
    """Whether ``torch.jit.trace`` or ``torch.export`` records the operations."""
    return torch.jit.is_tracing() or _is_exporting()


def runs_eagerly() -> bool:
    """Whether no compiler, exporter, function transform or forward-mode derivative records the operations."""
    return not (
        torch.compiler.is_compiling()
        or is_exporting()
        or _function_transform() is not None
        or getattr(_forward_ad, '_current_level', 0) >= 0
    )

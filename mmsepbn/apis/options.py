"""Options of the command line and of tables, merged into a config."""

import difflib
import inspect
from collections.abc import Mapping
from typing import Any

from mmengine.config import Config
from mmengine.runner import Runner

# What Runner reads from its config besides its own parameters.
_RUNNER_READS = (
    'activation_checkpointing',
    'compile',
    'cudnn_benchmark',
    'efficient_conv_bn_eval',
    'find_unused_parameters',
    'model_wrapper_cfg',
    'sync_bn',
)


class OptionError(ValueError):
    """An option that nothing would read, or that the rest of the config cannot go with; the message names it."""


def merge_options(config: Config, options: Mapping[str, Any]) -> None:
    """Merge dotted key -> value into a config.

    Raises:
        OptionError: the first part of a key is neither in the config nor read by MMEngine's Runner.
    """
    known = {*config, *inspect.signature(Runner.__init__).parameters, *_RUNNER_READS}
    for key in options:
        name = str(key).partition('.')[0]
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            raise OptionError(
                f'The option {key} changes nothing: the config has no {name!r}.'
                + (f' Did you mean {near[0]!r}?' if near else '')
            )
    config.merge_from_dict(dict(options))

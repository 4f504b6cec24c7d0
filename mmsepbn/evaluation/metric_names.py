"""Names of result rows. Every logging back end of MMEngine takes them; MLflow takes the fewest characters."""

import re
from typing import TYPE_CHECKING

from mmsepbn.moved_names import moved_names

ORACLE = '_oracle'  # follows the data set's name where predictions were chosen by the ground truth

_OLD_ORACLE, _OLD_THRESHOLD = ' (oracle)/', re.compile(r'/(FR|AUC)@(?=[^/]*$)')

if not TYPE_CHECKING:  # to type checkers, a module that has it has every name
    __getattr__ = moved_names(__name__, check_set_name='mmsepbn.datasets.set_name.check_set_name')


def with_threshold(metric: str, threshold: float) -> str:
    """``FR_0.10``: two decimals, more where the threshold has more."""
    text = f'{threshold:.2f}'
    return f'{metric}_{text if float(text) == threshold else threshold}'


def current_name(name: str) -> str:
    """A metric's name as it is now; older files hold ``aflw (oracle)/FR@0.10``."""
    return _OLD_THRESHOLD.sub(r'/\1_', name.replace(_OLD_ORACLE, f'{ORACLE}/'))

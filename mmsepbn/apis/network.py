"""Public names of :mod:`mmsepbn.runtime.network`; the stub of this package may only name its own modules."""

from mmsepbn.runtime.network import Network as Network
from mmsepbn.runtime.network import NetworkInfo as NetworkInfo

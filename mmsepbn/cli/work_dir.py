"""The default folder of a run."""

import os
from pathlib import Path


def default_work_dir(config: str | Path) -> Path:
    """``work_dirs`` and the config's path below the nearest folder named ``configs``, without the suffix.

    So configs of one name in several folders have folders of their own. A config outside of any ``configs`` goes by
    its name alone, as with MMPose's tools.
    """
    path = Path(os.path.abspath(config))  # not resolved: a link is a config of its own
    folders = path.parts[:-1]
    below = len(folders) - folders[::-1].index('configs') if 'configs' in folders else len(folders)
    return Path('work_dirs', *folders[below:], path.stem)

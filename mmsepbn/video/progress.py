"""The progress bar of a video."""

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.text import Text


class _Rate(ProgressColumn):
    """Frames per second, of the last seconds or, at the end, of all."""

    def render(self, task: Task) -> Text:
        """The text next to the bar."""
        rate = task.finished_speed or task.speed
        return Text('' if rate is None else f'{rate:.1f} frames/s')


def frame_progress(shown: bool) -> Progress:
    """A bar on standard error, with frames done and frames per second."""
    columns = TextColumn('{task.description}'), BarColumn(), TextColumn('{task.completed} frames'), _Rate()
    return Progress(*columns, TimeRemainingColumn(), console=Console(stderr=True), disable=not shown)

"""Several runs side by side, by test set and subset."""

from collections.abc import Mapping

from mmsepbn.evaluation.results_table import format_metric, group_rows, heading
from mmsepbn.markdown_table import markdown_table


def comparison_table(runs: Mapping[str, Mapping[str, float]]) -> str:
    """A Markdown table: a line for each set and subset, a column for each metric of each run.

    ``runs`` maps a name to metric rows as FaceLandmarkMetric returns them. NME and FR are percent, AUC a fraction.

    Raises:
        ValueError: runs differ in their sets, subsets or metrics; names the run and what it lacks or has alone.
    """
    name, *others = runs
    for other in others:
        if different := sorted(set(runs[name]) ^ set(runs[other])):
            raise ValueError(f'The runs {name!r} and {other!r} do not both have {different}.')
    grouped = {name: group_rows(rows) for name, rows in runs.items()}
    first = next(iter(grouped.values()))
    metrics = list(next(iter(first.values())))
    rows = (
        [test_set, *(format_metric(metric, grouped[name][test_set][metric]) for metric in metrics for name in runs)]
        for test_set in first
    )
    head = ['test set', *(f'{heading(metric)} {name}' for metric in metrics for name in runs)]
    return markdown_table(head, rows, 'lr')

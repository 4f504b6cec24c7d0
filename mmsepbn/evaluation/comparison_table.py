"""Several runs side by side, by test set and subset."""

from collections.abc import Mapping

from mmsepbn.evaluation.results_table import format_metric, group_rows, heading


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
    header = ['test set', *(f'{heading(metric)} {name}' for metric in metrics for name in runs)]
    lines = [header, ['---', *['---:'] * (len(header) - 1)]]
    for test_set in first:
        cells = [format_metric(metric, grouped[name][test_set][metric]) for metric in metrics for name in runs]
        lines.append([test_set, *cells])
    return '\n'.join(f'| {" | ".join(line)} |' for line in lines)

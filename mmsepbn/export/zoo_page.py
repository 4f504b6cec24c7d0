"""Render the index as a page and in OpenMMLab's format."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import mmengine

from mmsepbn.evaluation.results_table import cells, group_rows, heading
from mmsepbn.markdown_table import markdown_table
from mmsepbn.page_template import page_template
from mmsepbn.protocols import get_protocol
from mmsepbn.zoo.index import ZooNetwork

METAFILE = 'configs/metafile.yml'
_TEMPLATE = Path(__file__).with_name('zoo.md.jinja')
_PAPER = dict(
    Title='Separable Batch Normalization for Robust Facial Landmark Localization with Cross-protocol Network Training',
    URL='https://arxiv.org/abs/2101.06663',
)


def render_pages(networks: Sequence[ZooNetwork]) -> dict[str, str]:
    """Path below the root of a clone -> its content: the page of the zoo, the metafile and the index that names it."""
    return {
        'docs/zoo.md': _page(networks),
        METAFILE: _yaml(dict(Collections=[_collection()], Models=[_model(network) for network in networks])),
        'model-index.yml': _yaml(dict(Import=[METAFILE])),
    }


def _page(networks: Sequence[ZooNetwork]) -> str:
    return page_template(_TEMPLATE, lstrip_blocks=True, trim_blocks=True).render(
        networks=networks,
        landmarks=lambda name: get_protocol(name).num_landmarks,
        results=_results,
        test_sets=_test_sets,
    )


def _test_sets(network: ZooNetwork) -> dict[str, str]:
    """Faces that each test set stands for, without those of subsets."""
    return {name: faces for name, faces in network.test_faces.items() if '/' not in name}


def _results(network: ZooNetwork) -> str:
    """One table of all results in Markdown."""
    lines = list(_result_rows(network))
    metrics = list(dict.fromkeys(metric for *_, values in lines for metric in values))
    rows = ([label, name, *cells(values, metrics)] for label, name, values in lines)
    return markdown_table(['results', 'test set', *map(heading, metrics)], rows, 'llr')


def _result_rows(network: ZooNetwork) -> Iterator[tuple[str, str, Mapping[str, float]]]:
    """Label, set and subset, metrics."""
    for label, rows in network.results.items():
        for name, values in group_rows(rows).items():
            yield label, name, values


def _collection() -> dict[str, Any]:
    return dict(Name='SepBN', Paper=_PAPER, README='docs/zoo.md')


def _model(network: ZooNetwork) -> dict[str, Any]:
    return {
        'Name': network.name,
        'In Collection': 'SepBN',
        'Config': network.config,
        'Metadata': {
            'Architecture': [network.network['backbone'], *network.network['norms']],
            'Training Data': list(network.training['sets']),
            'Parameters': network.network['parameters'],
        },
        'Results': [
            {
                'Task': 'Face 2D Keypoint',
                'Dataset': f'{network.test_faces.get(name, name)}, {label}',
                'Metrics': dict(values),
            }
            for label, name, values in _result_rows(network)
        ],
        'Weights': f'mmsepbn/zoo/{network.checkpoint.name}',
    }


def _yaml(content: Mapping[str, Any]) -> str:
    return mmengine.dump(content, file_format='yaml', sort_keys=False, allow_unicode=True)

import csv

import numpy as np
import pytest
import torch
from torch import nn

from mmsepbn.analysis.csv_file import write_records
from mmsepbn.analysis.route_parameters import plot_parameters, route_parameters
from mmsepbn.analysis.route_similarity import mean_pairwise_cosine, plot_similarity, route_similarity
from mmsepbn.analysis.routes import route_values
from mmsepbn.models import AttentiveNorm, BruteForceSepBN, SepBN


def test_similarity_by_hand():
    rows = torch.tensor([[1.0, 0.0], [0.0, 2.0], [3.0, 3.0]])
    assert mean_pairwise_cosine(rows) == pytest.approx((0 + 2 * 0.5**0.5) / 3)
    assert mean_pairwise_cosine(torch.tensor([[1.0, -2.0], [-2.0, 4.0]])) == pytest.approx(-1)
    with pytest.raises(ValueError, match=r'at least two rows. Got 1'):
        mean_pairwise_cosine(rows[:1])


def test_similarity_is_that_of_the_correlation_of_uncentred_rows():
    rows = np.random.default_rng(0).normal(size=(4, 9))
    unit = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    expected = (unit @ unit.T)[np.triu_indices(4, 1)].mean()
    assert mean_pairwise_cosine(torch.as_tensor(rows)) == pytest.approx(expected)


def test_values_are_those_of_the_layers():
    torch.manual_seed(0)
    model = nn.Sequential(SepBN(4), nn.ReLU(), BruteForceSepBN(4, num_routes=2), AttentiveNorm(4, num_components=5))
    model[2].domains = torch.tensor([0, 1, 1, 0, 1, 0])
    model[2](torch.randn(6, 4, 3, 3))
    values = route_values(model)
    assert {name: {key: rows.shape[0] for key, rows in own.items()} for name, own in values.items()} == {
        '0': dict(scale=3, shift=3),
        '2': dict(mean=2, var=2, scale=2, shift=2),
        '3': dict(scale=5, shift=5),
    }
    assert torch.equal(values['0']['shift'], model[0].bias.detach())
    assert torch.equal(values['2']['var'][1], model[2].branches[1].running_var)
    assert len(route_similarity(values)) == 3
    records = route_parameters(values)
    assert len(records) == 4 * (3 + 2 + 5)
    assert records[5] == dict(
        layer='0', route=1, channel=1, scale=model[0].weight[1, 1].item(), shift=model[0].bias[1, 1].item()
    )
    with pytest.raises(ValueError, match='Linear has no norm layer with routes'):
        route_values(nn.Linear(1, 1))


def test_figures_and_tables_are_written(tmp_path):
    values = route_values(nn.Sequential(*(SepBN(4) for _ in range(8))))
    plot_similarity(route_similarity(values), tmp_path / 'a.png', 'similarity')
    plot_parameters(values, tmp_path / 'b.png', 'parameters')
    write_records(tmp_path / 'c.csv', route_similarity(values))
    with (tmp_path / 'c.csv').open() as file:
        lines = list(csv.DictReader(file))
    assert [line['layer'] for line in lines] == [str(index) for index in range(8)]
    assert float(lines[3]['scale']) == pytest.approx(mean_pairwise_cosine(values['3']['scale']))
    assert all((tmp_path / name).stat().st_size > 5000 for name in ('a.png', 'b.png'))

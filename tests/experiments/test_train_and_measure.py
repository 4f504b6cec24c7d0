import pytest
import torch

from mmsepbn.experiments import train_and_measure


@pytest.mark.parametrize(
    ('device', 'said'), [('cpu', f'cpu, {torch.get_num_threads()} threads'), ('mps', 'mps'), ('cuda', 'NVIDIA H100')]
)
def test_a_record_names_the_device_that_mmengine_trains_on(monkeypatch, device, said):
    monkeypatch.setattr(train_and_measure, 'get_device', lambda: device)
    monkeypatch.setattr(torch.cuda, 'get_device_name', lambda: 'NVIDIA H100')
    assert train_and_measure._device() == said

from unittest.mock import Mock

import pytest
import torch
from torch import Tensor

from mmsepbn.models.send import send


@pytest.mark.parametrize(('device', 'unwaited'), [('cuda:1', True), ('mps', False), ('cpu', False)])
def test_only_a_cuda_devices_host_does_not_wait(device, unwaited):
    values = Mock(Tensor)
    assert send(values, torch.device(device)) is values.to.return_value
    values.to.assert_called_once_with(torch.device(device), non_blocking=unwaited)

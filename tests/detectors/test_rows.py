"""What YuNet and MMDetection return, as faces. Neither's network is to be had here."""

import numpy as np
import torch
from mmengine.structures import InstanceData

from mmsepbn.detectors import mmdet, yunet


def test_rows_of_yunet():
    rows = np.zeros((2, 15), np.float32)
    rows[:, :4], rows[:, 14] = [[1, 2, 10, 20], [-3, 0, 5, 6]], [0.75, 0.5]
    found = yunet.faces_of(rows)
    assert found.boxes.tolist() == [[1, 2, 11, 22], [-3, 0, 2, 6]]
    assert found.scores.tolist() == [0.75, 0.5]
    assert yunet.faces_of(None).boxes.shape == (0, 4)


def test_instances_of_mmdetection():
    boxes = torch.tensor([[0.0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 10, 11]])
    instances = InstanceData(bboxes=boxes, scores=torch.tensor([0.9, 0.2, 0.8]), labels=torch.tensor([0, 0, 1]))
    found = mmdet.faces_of(instances)
    assert found.boxes.tolist() == [[0, 1, 2, 3]]
    assert found.scores.tolist() == [float(np.float32(0.9))]
    assert mmdet.faces_of(instances[:0]).boxes.shape == (0, 4)

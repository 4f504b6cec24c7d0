"""YuNet's way through OpenCV, with a network of its form that takes white cells of 32 pixels for faces."""

import cv2
import numpy as np
import pytest

from mmsepbn.detectors.make import make_detector
from mmsepbn.detectors.yunet import faces_of

onnx = pytest.importorskip('onnx')

CELL = 32


@pytest.fixture(scope='module')
def yunet(tmp_path_factory):
    """For strides of 8, 16 and 32 pixels the outputs that OpenCV asks YuNet for, by cell and as it reads them."""
    from onnx import TensorProto, helper, numpy_helper

    nodes, constants, outputs = [], [], []
    for stride in (8, 16, CELL):
        white = np.full((1, 3, stride, stride), 1 / (3 * 255 * stride**2) if stride == CELL else 0.0)
        heads = dict(
            cls=(white, [0.0]),
            obj=(np.zeros_like(white), [1.0]),
            bbox=(np.zeros((4, 3, stride, stride)), [0.5, 0.5, 0.0, 0.0]),  # the cell itself: its middle, log sides
            kps=(np.zeros((10, 3, stride, stride)), [0.5] * 10),
        )
        for name, (weights, bias) in heads.items():
            own, shape = f'{name}_{stride}', np.array([1, -1, len(bias)])
            constants += [
                numpy_helper.from_array(np.float32(weights), f'{own}_weights'),
                numpy_helper.from_array(np.float32(bias), f'{own}_bias'),
                numpy_helper.from_array(shape, f'{own}_shape'),
            ]
            nodes += [
                helper.make_node(
                    *('Conv', ['input', f'{own}_weights', f'{own}_bias'], [f'{own}_cells']),
                    **dict(kernel_shape=[stride, stride], strides=[stride, stride]),
                ),
                helper.make_node('Transpose', [f'{own}_cells'], [f'{own}_last'], perm=[0, 2, 3, 1]),
                helper.make_node('Reshape', [f'{own}_last', f'{own}_shape'], [own]),
            ]
            outputs.append(helper.make_tensor_value_info(own, TensorProto.FLOAT, [1, None, len(bias)]))
    images = helper.make_tensor_value_info('input', TensorProto.FLOAT, [1, 3, 640, 640])
    graph = helper.make_graph(nodes, 'yunet', [images], outputs, constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid('', 13)], ir_version=8)
    path = tmp_path_factory.mktemp('yunet') / 'yunet.onnx'
    path.write_bytes(model.SerializeToString())
    return path


def test_boxes_and_scores_come_back_in_pixels_of_images_of_any_size(yunet):
    detector = make_detector(f'yunet:{yunet}')
    image = np.zeros((70, 160, 3), np.uint8)  # OpenCV pads it to whole cells
    image[32:64, 64:96] = 255
    image[:32, 128:] = 200
    found = detector(image)
    boxes = sorted(zip(found.boxes.tolist(), found.scores.tolist(), strict=True))
    assert [box for box, _ in boxes] == [[64, 32, 96, 64], [128, 0, 160, 32]]
    assert [score for _, score in boxes] == pytest.approx([1, (200 / 255) ** 0.5], abs=1e-5)
    large = cv2.resize(image, (1600, 700), interpolation=cv2.INTER_NEAREST)  # searched at 640 x 280
    assert len(make_detector(f'yunet:{yunet}')(large).boxes) > 2, 'cells of 32 pixels there are 80 here'
    (first, *_) = make_detector(f'yunet:{yunet}', max_faces=1, min_score=0.99)(large).boxes
    np.testing.assert_allclose(first[2:] - first[:2], 80)
    assert (first >= [640, 320, 640, 320]).all()
    assert (first <= [960, 640, 960, 640]).all()
    assert detector(np.zeros((90, 50, 3), np.uint8)).boxes.shape == (0, 4)


def test_rows_of_yunet():
    rows = np.zeros((2, 15), np.float32)
    rows[:, :4], rows[:, 14] = [[1, 2, 10, 20], [-3, 0, 5, 6]], [0.75, 0.5]
    found = faces_of(rows)
    assert found.boxes.tolist() == [[1, 2, 11, 22], [-3, 0, 2, 6]]
    assert found.scores.tolist() == [0.75, 0.5]
    assert faces_of(None).boxes.shape == (0, 4)

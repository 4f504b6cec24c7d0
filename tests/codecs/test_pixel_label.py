import numpy as np

from mmsepbn.codecs import PixelLabel


def test_landmarks_outside_the_crop_keep_their_weight_and_missing_ones_lose_it():
    landmarks = np.array([[[-5.0, 3.0], [200.0, 60.0], [64.0, 64.0]]])
    encoded = PixelLabel((128, 128)).encode(landmarks, np.array([[1.0, 2.0, 0.0]]))
    assert np.array_equal(encoded['keypoint_labels'], landmarks)
    assert encoded['keypoint_weights'].tolist() == [[1, 1, 0]]
    assert PixelLabel((128, 128)).encode(landmarks)['keypoint_weights'].tolist() == [[1, 1, 1]], 'none is missing'


def test_decode_inverts_encode():
    landmarks = np.random.default_rng(0).uniform(-20, 150, (1, 98, 2)).astype(np.float32)
    codec = PixelLabel((128, 128))
    decoded, scores = codec.decode(codec.encode(landmarks)['keypoint_labels'])
    assert np.array_equal(decoded, landmarks)
    assert scores.tolist() == [[1] * 98]

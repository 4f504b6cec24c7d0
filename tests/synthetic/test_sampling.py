"""Shares of attributes and pose clusters, from parameters alone."""

from collections import Counter

import numpy as np
import pytest

from mmsepbn.synthetic.sampling import LARGE_YAW, sample_parameters

COUNT = 1500
SHARES = {'pose': 0.13, 'expression': 0.13, 'illumination': 0.28, 'makeup': 0.08, 'occlusion': 0.29, 'blur': 0.31}


@pytest.fixture(scope='module')
def sampled():
    return [sample_parameters(np.random.default_rng((0, index))) for index in range(COUNT)]


@pytest.mark.parametrize(('tag', 'share'), list(SHARES.items()))
def test_attribute_shares_follow_wflw(sampled, tag, share):
    found = np.mean([tag in parameters.tags for parameters in sampled])
    assert found == pytest.approx(share, abs=4.0 * np.sqrt(share * (1 - share) / COUNT))


def test_domain_follows_from_yaw(sampled):
    domains = Counter(parameters.domain for parameters in sampled)
    assert all(domains[name] > 0.2 * COUNT for name in ('frontal', 'left', 'right'))
    for parameters in sampled:
        yaw = parameters.pose.yaw
        assert parameters.domain == ('frontal' if abs(yaw) < 20.0 else 'left' if yaw > 0 else 'right')
        assert ('pose' in parameters.tags) == (abs(yaw) >= LARGE_YAW)


def test_attributes_reach_the_parameters(sampled):
    for parameters in sampled:
        assert ('occlusion' in parameters.tags) == (parameters.occluder is not None)
        assert ('blur' in parameters.tags) == (parameters.camera.blur is not None)
        assert ('makeup' in parameters.tags) == (parameters.make_up.lips > 0)

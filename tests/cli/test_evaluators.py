import pytest
from mmengine.config import Config

from mmsepbn.cli.evaluators import add_metric, write_per_face
from mmsepbn.evaluation import FaceLandmarkMetric
from mmsepbn.option_error import OptionError

OTHER = dict(type='NME', norm_mode='keypoint_distance')


@pytest.mark.parametrize('kind', ['mmsepbn.FaceLandmarkMetric', 'FaceLandmarkMetric', FaceLandmarkMetric])
@pytest.mark.parametrize('wrap', [dict, lambda m: [OTHER, m], lambda m: dict(type='Evaluator', metrics=[OTHER, m])])
def test_the_face_metric_is_found_wherever_it_stands(kind, wrap):
    config = Config(dict(test_evaluator=wrap(dict(type=kind))))
    write_per_face(config, 'faces.csv')
    add_metric(config, dict(type='DumpResults'))
    evaluator = config.test_evaluator
    metrics = evaluator if isinstance(evaluator, list) else evaluator.metrics
    (ours,) = [metric for metric in metrics if metric['type'] == kind]
    assert ours['per_face'] == 'faces.csv'
    assert metrics[-1]['type'] == 'DumpResults'
    assert [metric for metric in metrics[:-1] if metric['type'] == 'NME'] in ([], [OTHER])


@pytest.mark.parametrize('evaluator', [OTHER, [], None, [dict(type='mmsepbn.FaceLandmarkMetric')] * 2])
def test_a_file_of_faces_needs_the_one_metric_that_writes_it(evaluator):
    with pytest.raises(OptionError, match='test_evaluator'):
        write_per_face(Config(dict(test_evaluator=evaluator)), 'faces.csv')

"""Find faces whose error is undefined, before a day of training fails at the first of them."""

from mmsepbn.datasets.annotation import AnnotationError
from mmsepbn.datasets.face_dataset import FaceDataset
from mmsepbn.listing import shortened
from mmsepbn.protocols import get_protocol


def normalizer_problems(dataset: FaceDataset) -> list[str]:
    """Which faces of a test set have no normalizer, and why; each names file and line."""
    problems = []
    for index in range(len(dataset)):
        face = dataset.get_data_info(index)
        problem = get_protocol(face['protocol']).normalizer_problem(
            face['keypoints'][0], face['keypoints_visible'][0], face['bbox'][0]
        )
        if problem:
            problems.append(f'{face["source"]}: {problem}')
    return problems


def check_normalizers(dataset: FaceDataset) -> None:
    """Raise AnnotationError with the first ten :func:`normalizer_problems`."""
    if problems := normalizer_problems(dataset):
        raise AnnotationError(f'{len(problems)} faces cannot be tested:\n  {shortened(problems)}')

"""Procedural faces with the landmarks of all five protocols: data for demonstration, tests and method comparison."""

from mmsepbn.datasets.annotated_face import DOMAINS as DOMAINS
from mmsepbn.datasets.annotated_face import TAGS as TAGS
from mmsepbn.datasets.annotated_face import AnnotatedFace as AnnotatedFace
from mmsepbn.datasets.writers import write_aflw as write_aflw
from mmsepbn.datasets.writers import write_cofw as write_cofw
from mmsepbn.datasets.writers import write_face300w as write_face300w
from mmsepbn.datasets.writers import write_wflw as write_wflw
from mmsepbn.datasets.writers import write_wider_face as write_wider_face
from mmsepbn.synthetic.generator import generate_face as generate_face
from mmsepbn.synthetic.generator import generate_faces as generate_faces
from mmsepbn.synthetic.overview_sheet import overview_sheet as overview_sheet

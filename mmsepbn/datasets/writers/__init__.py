"""Writers that lay annotated faces out in the official formats of the data sets."""

from mmsepbn.datasets.writers.aflw import write_aflw as write_aflw
from mmsepbn.datasets.writers.cofw import write_cofw as write_cofw
from mmsepbn.datasets.writers.face300w import write_face300w as write_face300w
from mmsepbn.datasets.writers.wflw import write_wflw as write_wflw
from mmsepbn.datasets.writers.wider_face import write_wider_face as write_wider_face

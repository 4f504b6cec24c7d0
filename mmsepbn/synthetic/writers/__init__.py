"""Writers that lay annotated faces out in the official formats of the data sets."""

from mmsepbn.synthetic.writers.aflw import write_aflw as write_aflw
from mmsepbn.synthetic.writers.cofw import write_cofw as write_cofw
from mmsepbn.synthetic.writers.face300w import write_face300w as write_face300w
from mmsepbn.synthetic.writers.wflw import write_wflw as write_wflw
from mmsepbn.synthetic.writers.wider_face import write_wider_face as write_wider_face

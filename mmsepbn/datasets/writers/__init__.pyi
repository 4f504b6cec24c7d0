from .aflw import write_aflw as write_aflw
from .cofw import write_cofw as write_cofw
from .face300w import write_face300w as write_face300w
from .wflw import write_wflw as write_wflw
from .wider_face import write_wider_face as write_wider_face

from .generator import generate_face as generate_face
from .generator import generate_faces as generate_faces
from .overview_sheet import overview_sheet as overview_sheet

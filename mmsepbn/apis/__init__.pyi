from .face import Face as Face
from .face_landmarker import FaceLandmarker as FaceLandmarker
from .network import Network as Network
from .network import NetworkInfo as NetworkInfo

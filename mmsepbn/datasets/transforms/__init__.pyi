from .face_crop import FaceCrop as FaceCrop
from .face_crop import RandomFaceCrop as RandomFaceCrop
from .load_face_image import LoadFaceImage as LoadFaceImage
from .pack_face_inputs import PackFaceInputs as PackFaceInputs
from .random_blur import RandomBlur as RandomBlur

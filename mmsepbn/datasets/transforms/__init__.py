"""Transforms: crop, augmentation, packing."""

from mmsepbn.datasets.transforms.face_crop import FaceCrop as FaceCrop
from mmsepbn.datasets.transforms.face_crop import RandomFaceCrop as RandomFaceCrop
from mmsepbn.datasets.transforms.load_face_image import LoadFaceImage as LoadFaceImage
from mmsepbn.datasets.transforms.pack_face_inputs import PackFaceInputs as PackFaceInputs

"""Data sets and transforms."""

from mmsepbn import registry as registry
from mmsepbn.datasets import image_backend as image_backend
from mmsepbn.datasets.aflw import AFLWDataset as AFLWDataset
from mmsepbn.datasets.cofw import COFWDataset as COFWDataset
from mmsepbn.datasets.face300w import Face300WDataset as Face300WDataset
from mmsepbn.datasets.face_dataset import FaceDataset as FaceDataset
from mmsepbn.datasets.multi_protocol import MultiProtocolDataset as MultiProtocolDataset
from mmsepbn.datasets.samplers import ProportionalMultiDatasetSampler as ProportionalMultiDatasetSampler
from mmsepbn.datasets.transforms import FaceCrop as FaceCrop
from mmsepbn.datasets.transforms import LoadFaceImage as LoadFaceImage
from mmsepbn.datasets.transforms import PackFaceInputs as PackFaceInputs
from mmsepbn.datasets.transforms import RandomFaceCrop as RandomFaceCrop
from mmsepbn.datasets.wflw import WFLWDataset as WFLWDataset
from mmsepbn.datasets.wider_face import WiderFaceDataset as WiderFaceDataset

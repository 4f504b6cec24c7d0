"""Data sets and transforms."""

from mmsepbn import registry as registry
from mmsepbn.datasets.transforms import FaceCrop as FaceCrop
from mmsepbn.datasets.transforms import PackFaceInputs as PackFaceInputs
from mmsepbn.datasets.transforms import RandomFaceCrop as RandomFaceCrop
from mmsepbn.datasets.wflw import WFLWDataset as WFLWDataset

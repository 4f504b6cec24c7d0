# Where the data sets lie and how each is read: FACES_ROOT holds WFLW, COFW, AFLW, 300W and WIDER_FACE as downloaded;
# WFLW_ROOT, COFW_ROOT, ... name one of them elsewhere. The crop is the official box without a margin, as in the paper,
# made square; docs/architecture.md says what else in crop and augmentation is ours.
import sys


def environment(name, default):
    # In a virtual environment MMEngine takes a file with "import os" for a config of its new style.
    return sys.modules['os'].environ.get(name) or default


faces_root = environment('FACES_ROOT', 'data')
wflw_root = environment('WFLW_ROOT', f'{faces_root}/WFLW')
cofw_root = environment('COFW_ROOT', f'{faces_root}/COFW')
aflw_root = environment('AFLW_ROOT', f'{faces_root}/AFLW')
face300w_root = environment('FACE300W_ROOT', f'{faces_root}/300W')
wider_face_root = environment('WIDER_FACE_ROOT', f'{faces_root}/WIDER_FACE')

codec = dict(type='mmsepbn.PixelLabel', input_size=(128, 128))
train = dict(
    pipeline=[
        dict(type='mmsepbn.LoadFaceImage'),
        dict(type='mmsepbn.RandomFaceCrop', input_size=codec['input_size']),
        dict(type='GenerateTarget', encoder=codec),
        dict(type='mmsepbn.PackFaceInputs'),
    ]
)
test = dict(
    pipeline=[
        dict(type='mmsepbn.LoadFaceImage'),
        dict(type='mmsepbn.FaceCrop', input_size=codec['input_size']),
        dict(type='mmsepbn.PackFaceInputs'),
    ],
    test_mode=True,
)

wflw = dict(type='mmsepbn.WFLWDataset', data_root=wflw_root, data_prefix=dict(img='WFLW_images'))
wflw_list = 'WFLW_annotations/list_98pt_rect_attr_train_test/list_98pt_rect_attr_'
wflw_train = dict(**wflw, ann_file=wflw_list + 'train.txt', **train)
wflw_test = dict(**wflw, ann_file=wflw_list + 'test.txt', **test)

cofw = dict(type='mmsepbn.COFWDataset', data_root=cofw_root)
cofw_train = dict(**cofw, ann_file='COFW_train_color.mat', **train)
cofw_test = dict(**cofw, ann_file='COFW_test_color.mat', **test)

aflw = dict(
    type='mmsepbn.AFLWDataset',
    data_root=aflw_root,
    ann_file='AFLWinfo_release.mat',
    data_prefix=dict(img='aflw/data/flickr'),
)
aflw_train = dict(**aflw, split='train', **train)
aflw_test = dict(**aflw, split='test', **test)

face300w = dict(type='mmsepbn.Face300WDataset', data_root=face300w_root)
face300w_train = dict(**face300w, split='train', **train)
face300w_test = dict(**face300w, split='test', **test)

wider_face_train = dict(
    type='mmsepbn.WiderFaceDataset',
    data_root=wider_face_root,
    ann_file='train/label.txt',
    data_prefix=dict(img='train/images'),
    **train,
)

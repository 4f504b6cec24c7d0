# Where the data sets lie and how each is read: FACES_ROOT holds WFLW, COFW, AFLW, 300W and WIDER_FACE as downloaded;
# WFLW_ROOT, COFW_ROOT, ... name one of them elsewhere. Crop and augmentation are the paper's: official box, square, no
# margin, 128 x 128 pixels.
faces_root = '{{$FACES_ROOT:data}}'
wflw_root = '{{$WFLW_ROOT:@/WFLW}}'.replace('@', faces_root)
cofw_root = '{{$COFW_ROOT:@/COFW}}'.replace('@', faces_root)
aflw_root = '{{$AFLW_ROOT:@/AFLW}}'.replace('@', faces_root)
face300w_root = '{{$FACE300W_ROOT:@/300W}}'.replace('@', faces_root)
wider_face_root = '{{$WIDER_FACE_ROOT:@/WIDER_FACE}}'.replace('@', faces_root)

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

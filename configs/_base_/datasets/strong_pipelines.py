# A crop a fifth larger than the face box, so that the outline stays inside, and colour, blur and occlusion in addition
# to the geometric augmentation of sets.py.
crop = dict(input_size=(128, 128), padding=1.2)
strong_train = [
    dict(type='mmsepbn.LoadFaceImage'),
    dict(type='mmsepbn.RandomFaceCrop', **crop, rotation=40.0),
    dict(type='mmpose.YOLOXHSVRandomAug', hue_delta=5, saturation_delta=40, value_delta=50),
    dict(type='mmcv.RandomGrayscale', prob=0.1, keep_channels=True),
    dict(type='mmsepbn.RandomBlur', sigma=(0.5, 2.0), prob=0.2),
    dict(
        type='mmdet.CutOut',
        n_holes=(0, 1),
        cutout_ratio=[(0.2, 0.2), (0.3, 0.3), (0.2, 0.5), (0.5, 0.2)],
        fill_in=(104, 116, 124),
    ),
    dict(type='GenerateTarget', encoder=dict(type='mmsepbn.PixelLabel', input_size=crop['input_size'])),
    dict(type='mmsepbn.PackFaceInputs'),
]
strong_test = [
    dict(type='mmsepbn.LoadFaceImage'),
    dict(type='mmsepbn.FaceCrop', **crop),
    dict(type='mmsepbn.PackFaceInputs'),
]

# The paper's crop and augmentation: official box, square, no margin, 128 x 128 pixels.
codec = dict(type='mmsepbn.PixelLabel', input_size=(128, 128))
train_pipeline = [
    dict(type='LoadImage'),
    dict(type='mmsepbn.RandomFaceCrop', input_size=codec['input_size']),
    dict(type='GenerateTarget', encoder=codec),
    dict(type='mmsepbn.PackFaceInputs'),
]
test_pipeline = [
    dict(type='LoadImage'),
    dict(type='mmsepbn.FaceCrop', input_size=codec['input_size']),
    dict(type='mmsepbn.PackFaceInputs'),
]

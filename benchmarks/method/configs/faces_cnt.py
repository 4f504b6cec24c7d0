# Stage 1 on three real sets: 2,012 faces with 68 landmarks, 200 with 98 and 2,677 with 5. A fourth are 2,483 frames of
# YouTube Faces with 68, see prepare.py --clone.
_base_ = 'faces_branches.py'

train_dataloader = dict(
    sampler=dict(_delete_=True, type='mmsepbn.ProportionalMultiDatasetSampler', exponent=1.0),
    dataset=dict(
        _delete_=True,
        type='mmsepbn.MultiProtocolDataset',
        use=['300w', 'wflw', 'wider_face'],
        datasets={
            '300w': {**_base_.face300w_train, 'data_root': 'data/method/300w/whole/300W'},
            'wflw': {**_base_.wflw_train, 'data_root': 'data/method/wflw/train/WFLW'},
            'wider_face': {**_base_.wider_face_train, 'data_root': 'data/method/lfw/train/WIDER_FACE'},
            'youtube': {**_base_.face300w_train, 'data_root': 'data/method/real/whole/300W'},
        },
    ),
)
train_cfg = dict(max_epochs=15)
temperature = dict(epochs=3)

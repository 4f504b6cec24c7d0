# The five sets of Cross-protocol Network Training, or those of CNT_SETS: training, test and branches follow.
_base_ = ['loaders.py', 'cnt_sets.py']

sets = _base_.cnt_sets
tested_sets = [name for name in sets if name != 'wider_face']  # it has no test landmarks

train_dataloader = dict(
    sampler=dict(_delete_=True, type='mmsepbn.ProportionalMultiDatasetSampler', exponent=1.0),
    dataset=dict(
        type='mmsepbn.MultiProtocolDataset',
        use=sets,
        pipeline=[dict(type='mmsepbn.PackFaceInputs')],  # of all sets; MMPose's browse_dataset.py asks for it
        datasets={
            'cofw': _base_.cofw_train,
            'aflw': _base_.aflw_train,
            'wflw': _base_.wflw_train,
            '300w': _base_.face300w_train,
            'wider_face': _base_.wider_face_train,
        },
    ),
)
val_dataloader = dict(
    dataset=dict(
        type='mmsepbn.MultiProtocolDataset',
        use=tested_sets,
        pipeline=[dict(type='mmsepbn.PackFaceInputs')],
        datasets={
            'cofw': _base_.cofw_test,
            'aflw': _base_.aflw_test,
            'wflw': _base_.wflw_test,
            '300w': _base_.face300w_test,
        },
    )
)
test_dataloader = val_dataloader

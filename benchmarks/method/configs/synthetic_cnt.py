# Stage 1 on the five synthetic sets.
_base_ = [
    'vanilla.py',
    '../../../configs/_base_/datasets/cnt.py',
    'schedule.py',
    '../../../configs/_base_/default_runtime.py',
]
sets = ['cofw', 'aflw', 'wflw', '300w', 'wider_face']
model = dict(head=dict(protocols=sets))
root = 'data/method/synthetic'
train_dataloader = dict(
    batch_size=16,
    dataset=dict(
        use=sets,
        datasets={
            'cofw': dict(data_root=f'{root}/train/COFW'),
            'aflw': dict(data_root=f'{root}/train/AFLW', num_train=2000),
            'wflw': dict(data_root=f'{root}/train/WFLW'),
            '300w': dict(data_root=f'{root}/train/300W'),
            'wider_face': dict(data_root=f'{root}/train/WIDER_FACE'),
        },
    ),
)
val_dataloader = dict(
    dataset=dict(
        use=['cofw', 'aflw', 'wflw'],
        datasets={
            'cofw': dict(data_root=f'{root}/validation/COFW'),
            'aflw': dict(data_root=f'{root}/validation/AFLW', num_train=0),
            'wflw': dict(data_root=f'{root}/validation/WFLW'),
        },
    )
)
test_dataloader = dict(
    dataset=dict(
        use=['cofw', 'aflw', 'wflw'],
        datasets={
            'cofw': dict(data_root=f'{root}/test/COFW'),
            'aflw': dict(data_root=f'{root}/test/AFLW', num_train=0),
            'wflw': dict(data_root=f'{root}/test/WFLW'),
        },
    )
)
train_cfg = dict(max_epochs=8 * _base_.longer)
temperature = dict(epochs=2 * _base_.longer)

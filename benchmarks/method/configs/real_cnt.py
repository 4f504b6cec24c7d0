# Stage 1 on real faces in three sets: 370 with 68, 1223 with 19 and 890 with 5 landmarks.
_base_ = [
    'vanilla.py',
    '../../../configs/_base_/datasets/cnt.py',
    'schedule.py',
    '../../../configs/_base_/default_runtime.py',
]
sets = ['300w', 'aflw', 'wider_face']
model = dict(head=dict(protocols=sets))
root = 'data/method/real/small'
train_dataloader = dict(
    batch_size=16,
    dataset=dict(
        use=sets,
        datasets={
            '300w': dict(data_root=f'{root}/300W'),
            'aflw': dict(data_root=f'{root}/AFLW', num_train=1223),
            'wider_face': dict(data_root=f'{root}/WIDER_FACE', min_size=30),
        },
    ),
)
val_dataloader = dict(dataset=dict(use=['300w'], datasets={'300w': dict(data_root='data/method/real/validation/300W')}))
test_dataloader = dict(dataset=dict(use=['300w'], datasets={'300w': dict(data_root='data/method/real/test/300W')}))
train_cfg = dict(max_epochs=10 * _base_.longer)
temperature = dict(epochs=2 * _base_.longer)

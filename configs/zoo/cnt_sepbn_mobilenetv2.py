# Records the bundled network's first training. Needs data/ of benchmarks/{method,zoo}/prepare.py.
_base_ = '../strong_cnt_sepbn_mobilenetv2.py'

train_dataloader = dict(
    num_workers=1,
    dataset=dict(
        datasets={
            'cofw': dict(data_root='data/zoo/cofw/COFW'),
            'aflw': dict(data_root='data/zoo/aflw/AFLW', num_train=1223),
            'wflw': dict(data_root='data/method/wflw/train/WFLW'),
            '300w': dict(data_root='data/method/300w/whole/300W'),
            'wider_face': dict(data_root='data/zoo/lfw/train/WIDER_FACE', min_size=60),
        }
    ),
)
val_dataloader = dict(
    num_workers=1,
    dataset=dict(
        use=['cofw', 'wflw', '300w', 'wider_face'],
        datasets={
            'cofw': dict(data_root='data/zoo/cofw/COFW'),
            'aflw': dict(data_root='data/zoo/aflw/AFLW', num_train=1223),
            'wflw': dict(data_root='data/method/wflw/test/WFLW'),
            '300w': dict(data_root='data/method/300w/test/300W', subsets=('common',)),
            'wider_face': dict(
                _base_.wider_face_train,
                data_root='data/zoo/lfw/test/WIDER_FACE',
                min_size=60,
                pipeline=_base_.strong_test,
                test_mode=True,
            ),
        },
    ),
)
test_dataloader = val_dataloader
model = dict(backbone=dict(backbone=dict(init_cfg=dict(checkpoint='data/weights/mobilenet_v2-b0353104.pth'))))
train_cfg = dict(max_epochs=24, val_interval=100)
default_hooks = dict(checkpoint=dict(interval=1))

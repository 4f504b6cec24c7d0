# One change at a time of a short training; configs/strong_* are the best together.
_base_ = '../configs/norms.py'
title = 'Choices for the strong recipe, 300W, MobileNetV2, validation images'
base = '../configs/faces300w_recipe.py'
split = 'val'


def augmented(padding=1.0, extra=(), **crop):
    """The pipelines with another margin, other geometric augmentation, and transforms of the crop's pixels."""
    load, pack = dict(type='mmsepbn.LoadFaceImage'), dict(type='mmsepbn.PackFaceInputs')
    changes = {
        'train_dataloader.dataset.pipeline': [
            load,
            dict(type='mmsepbn.RandomFaceCrop', input_size=(128, 128), padding=padding, **crop),
            *extra,
            dict(type='GenerateTarget', encoder=dict(type='mmsepbn.PixelLabel', input_size=(128, 128))),
            pack,
        ]
    }
    plain = [load, dict(type='mmsepbn.FaceCrop', input_size=(128, 128), padding=padding), pack]
    return changes | {f'{split}_dataloader.dataset.pipeline': plain for split in ('val', 'test')}


colour = [
    dict(type='YOLOXHSVRandomAug', hue_delta=5, saturation_delta=40, value_delta=50),
    dict(type='mmcv.RandomGrayscale', prob=0.1, keep_channels=True),
    dict(type='mmsepbn.RandomBlur', sigma=(0.5, 2.0), prob=0.2),
]
occlusion = [
    dict(
        type='mmdet.CutOut',
        n_holes=(0, 1),
        cutout_ratio=[(0.2, 0.2), (0.3, 0.3), (0.2, 0.5), (0.5, 0.2)],
        fill_in=(104, 116, 124),
    )
]
rows = {
    'reduced to 192 channels': {},
    'flattened': {'model.neck': None, 'model.head.branch.in_channels': 1280},
    'pooled': {
        'model.neck': dict(_delete_=True, type='GlobalAveragePooling'),
        'model.head.branch.in_channels': 1280,
        'model.head.branch.in_featuremap_size': (1, 1),
    },
    'head at the rate of the backbone': {'optim_wrapper.paramwise_cfg': None},
    'margin 1.2': augmented(padding=1.2),
    'colour and blur': augmented(extra=colour),
    'occlusion': augmented(extra=occlusion),
    'SoftWing': {'model.head.branch.loss': dict(type='SoftWingLoss', use_target_weight=True, loss_weight=0.01)},
    'twice the rate': {'optim_wrapper.optimizer.lr': 2e-3},
    'mean of the weights': {
        'custom_hooks': [
            dict(type='mmsepbn.ChannelsLastHook'),
            dict(type='EMAHook', ema_type='ExpMomentumEMA', momentum=0.005, gamma=100),
        ]
    },
    'hidden layer': {'model.head.branch.hidden_channels': (256,)},
    'SepBN': _base_.shared.sepbn,
    'BN, control': _base_.shared.control_mobilenetv2,
}
comparisons = [(name, 'reduced to 192 channels') for name in rows if name != 'reduced to 192 channels']
del augmented, colour, occlusion

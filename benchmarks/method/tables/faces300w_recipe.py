# One change at a time of a short training; configs/strong_* are the best together.
_base_ = '../configs/norms.py'
title = 'Choices for the strong recipe, 300W, MobileNetV2, validation images'
base = '../configs/faces300w_recipe.py'
split = 'val'


def pipelines(padding=1.0, antialias=False, extra=(), encoder=None):
    """With another margin or resampling, transforms of the crop's pixels, another codec."""
    load, pack = dict(type='mmsepbn.LoadFaceImage'), dict(type='mmsepbn.PackFaceInputs')
    crop = dict(input_size=(128, 128), padding=padding, antialias=antialias)
    encoder = encoder or dict(type='mmsepbn.PixelLabel', input_size=(128, 128))
    train = [
        load,
        dict(type='mmsepbn.RandomFaceCrop', **crop),
        *extra,
        dict(type='GenerateTarget', encoder=encoder),
        pack,
    ]
    plain = [load, dict(type='mmsepbn.FaceCrop', **crop), pack]
    return {
        'train_dataloader.dataset.pipeline': train,
        **{f'{split}_dataloader.dataset.pipeline': plain for split in ('val', 'test')},
    }


def branch(landmarks_key, encoder, **head):
    """Another of MMPose's heads and its codec."""
    return {
        'model.head.landmarks_key': landmarks_key,
        'model.head.branch': dict(_delete_=True, decoder=encoder, **head),
        **pipelines(encoder=encoder),
    }


def loss(**loss):
    """Another loss, its weight such that at two pixels its gradient is that of L1 over the mean of 136 coordinates."""
    return {'model.head.branch.loss': dict(use_target_weight=True, **loss)}


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
    'hidden layer': {'model.head.branch.hidden_channels': (256,)},
    'SimCC': branch(
        'out_channels',
        dict(type='SimCCLabel', input_size=(128, 128), sigma=4.9, simcc_split_ratio=2.0),
        type='SimCCHead',
        in_channels=192,
        input_size=(128, 128),
        in_featuremap_size=(4, 4),
        deconv_out_channels=None,
        loss=dict(type='KLDiscretLoss', use_target_weight=True),
    ),
    'RLE': branch(
        'num_joints',
        dict(type='RegressionLabel', input_size=(128, 128)),
        type='RLEHead',
        in_channels=192 * 4 * 4,
        loss=dict(type='RLELoss', use_target_weight=True),
    ),
    'margin 1.2': pipelines(padding=1.2),
    'areas averaged': pipelines(antialias=True),
    'colour and blur': pipelines(extra=colour),
    'occlusion': pipelines(extra=occlusion),
    'smooth L1': loss(type='SmoothL1Loss'),
    'Wing': loss(type='WingLoss', omega=10.0, epsilon=2.0, loss_weight=1 / 2.5 / 136),
    'SoftWing': loss(type='SoftWingLoss', omega1=2.0, omega2=20.0, epsilon=0.5, loss_weight=1 / 8 / 136),
    'twice the rate': {'optim_wrapper.optimizer.lr': 2e-3},
    'mean of the weights': {
        'custom_hooks': [
            dict(type='mmsepbn.ChannelsLastHook'),
            dict(type='EMAHook', ema_type='ExpMomentumEMA', momentum=0.005, gamma=100),
        ]
    },
    'SepBN': _base_.shared.sepbn,
    'BN, control': _base_.shared.control_mobilenetv2,
    'BN + squeeze-and-excitation': _base_.shared.squeeze_excitation,
    'Attentive Normalization': _base_.shared.attentive,
}
comparisons = [(name, 'reduced to 192 channels') for name in rows if name != 'reduced to 192 channels']
del pipelines, branch, loss, colour, occlusion

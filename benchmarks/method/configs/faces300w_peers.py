# MMPose's recipe for faces, its topdown_regression/wflw/td-reg_res50_8xb64-210e_wflw-256x256.py: pipelines, head, loss,
# schedule and flip test. Faces, network, crops of 128 pixels and steps are those of faces300w_mobilenetv2.py; the
# milestones stand where they do in the recipe's 210 epochs.
_base_ = 'faces300w.py'

codec = dict(type='RegressionLabel', input_size=(128, 128))
model = dict(
    type='TopdownPoseEstimator',
    data_preprocessor=dict(
        type='PoseDataPreprocessor', mean=[123.675, 116.28, 103.53], std=[58.395, 57.12, 57.375], bgr_to_rgb=True
    ),
    backbone=dict(
        type='mmsepbn.MobileNetV2',
        init_cfg=dict(type='Pretrained', checkpoint='data/weights/mobilenet_v2-b0353104.pth'),
    ),
    neck=dict(type='GlobalAveragePooling'),
    head=dict(
        type='RegressionHead',
        in_channels=1280,
        num_joints=68,
        loss=dict(type='SmoothL1Loss', use_target_weight=True),
        decoder=codec,
    ),
    test_cfg=dict(flip_test=True, shift_coords=True),
)
test_pipeline = [
    dict(type='LoadImage'),
    dict(type='GetBBoxCenterScale'),
    dict(type='TopdownAffine', input_size=codec['input_size']),
    dict(type='PackPoseInputs'),
]
train_pipeline = [
    *test_pipeline[:2],
    dict(type='RandomFlip', direction='horizontal'),
    dict(type='RandomBBoxTransform', scale_factor=[0.75, 1.25], rotate_factor=60),
    test_pipeline[2],
    dict(type='GenerateTarget', encoder=codec),
    test_pipeline[3],
]
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=test_pipeline))
test_dataloader = dict(dataset=dict(pipeline=test_pipeline))
optim_wrapper = dict(optimizer=dict(_delete_=True, type='Adam', lr=5e-4))
param_scheduler = [
    dict(type='LinearLR', begin=0, end=500, start_factor=0.001, by_epoch=False),
    dict(type='MultiStepLR', begin=0, end=30, milestones=[24, 29], gamma=0.1, by_epoch=True),
]
temperature = None

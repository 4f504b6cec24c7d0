# Table I of the paper: Vanilla CNN with BatchNorm, 1024 hidden units, landmarks in crop pixels.
model = dict(
    type='TopdownPoseEstimator',
    data_preprocessor=dict(
        type='PoseDataPreprocessor', mean=[127.5, 127.5, 127.5], std=[128.0, 128.0, 128.0], bgr_to_rgb=True
    ),
    backbone=dict(type='mmsepbn.VanillaCNN', norm_cfg=dict(type='BN')),
    head=dict(
        type='mmsepbn.LandmarkRegressionHead',
        in_channels=2048,
        in_featuremap_size=(2, 2),
        hidden_channels=(1024,),
        num_landmarks=98,
        decoder=dict(type='mmsepbn.PixelLabel', input_size=(128, 128)),
    ),
    test_cfg=dict(flip_test=False),
)

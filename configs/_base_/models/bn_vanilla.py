# Vanilla CNN with BatchNorm (paper Table I; docs/architecture.md says what is ours in it); a branch has 1024 hidden
# units and predicts crop pixels.
# A config names the branches: head.protocols.
model = dict(
    type='TopdownPoseEstimator',
    data_preprocessor=dict(
        type='mmsepbn.FacePreprocessor', mean=[127.5, 127.5, 127.5], std=[128.0, 128.0, 128.0], bgr_to_rgb=True
    ),
    backbone=dict(type='mmsepbn.VanillaCNN', norm_cfg=dict(type='BN')),
    head=dict(
        type='mmsepbn.MultiProtocolHead',
        branch=dict(
            type='mmsepbn.LandmarkRegressionHead',
            in_channels=2048,
            in_featuremap_size=(2, 2),
            hidden_channels=(1024,),
            decoder=dict(type='mmsepbn.PixelLabel', input_size=(128, 128)),
        ),
    ),
    test_cfg=dict(flip_test=False),
)

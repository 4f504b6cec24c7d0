_base_ = 'face_pipeline.py'

# Where WFLW_images and WFLW_annotations stand; the environment variable WFLW_ROOT overrides it.
data_root = '{{$WFLW_ROOT:data/WFLW}}'
annotations = 'WFLW_annotations/list_98pt_rect_attr_train_test/list_98pt_rect_attr_'
wflw = dict(type='mmsepbn.WFLWDataset', data_root=data_root, data_prefix=dict(img='WFLW_images'))

train_dataloader = dict(
    batch_size=8,
    num_workers=2,
    persistent_workers=True,
    sampler=dict(type='DefaultSampler', shuffle=True),
    dataset=dict(**wflw, ann_file=annotations + 'train.txt', pipeline=_base_.train_pipeline),
)
val_dataloader = dict(
    batch_size=64,
    num_workers=2,
    persistent_workers=True,
    sampler=dict(type='DefaultSampler', shuffle=False, round_up=False),
    dataset=dict(**wflw, ann_file=annotations + 'test.txt', pipeline=_base_.test_pipeline, test_mode=True),
)
test_dataloader = val_dataloader
val_evaluator = dict(type='mmsepbn.FaceLandmarkMetric')
test_evaluator = val_evaluator

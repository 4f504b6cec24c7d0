# The five sets with the strong pipelines; small sets are drawn more often than their share.
_base_ = ['cnt.py', 'strong_pipelines.py']

train_dataloader = dict(
    batch_size=16,
    sampler=dict(exponent=0.5),
    dataset=dict(datasets={name: dict(pipeline=_base_.strong_train) for name in _base_.sets}),
)
val_dataloader = dict(dataset=dict(datasets={name: dict(pipeline=_base_.strong_test) for name in _base_.tested_sets}))
test_dataloader = val_dataloader

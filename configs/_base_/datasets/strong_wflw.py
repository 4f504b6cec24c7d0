_base_ = ['wflw.py', 'strong_pipelines.py']

train_dataloader = dict(batch_size=16, dataset=dict(pipeline=_base_.strong_train))
val_dataloader = dict(dataset=dict(pipeline=_base_.strong_test))
test_dataloader = val_dataloader

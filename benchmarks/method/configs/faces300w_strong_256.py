# The strong recipe with crops of 256 pixels: a last map of 8 x 8.
_base_ = 'faces300w_strong.py'

size = (256, 256)
train, plain = (
    [
        {
            **step,
            **(dict(input_size=size) if 'input_size' in step else {}),
            **(dict(encoder={**step.encoder, 'input_size': size}) if 'encoder' in step else {}),
        }
        for step in pipeline
    ]
    for pipeline in (_base_.strong_train, _base_.strong_test)
)
train_dataloader = dict(dataset=dict(pipeline=train))
val_dataloader = dict(dataset=dict(pipeline=plain))
test_dataloader = dict(dataset=dict(pipeline=plain))
model = dict(head=dict(branch=dict(in_featuremap_size=(8, 8), decoder=dict(input_size=size))))

_base_ = [
    '../_base_/models/bn_vanilla_small.py',
    '../_base_/datasets/cnt.py',
    '../_base_/schedules/small.py',
    '../_base_/default_runtime.py',
]
model = dict(head=dict(protocols=_base_.sets))
# tools/prepare_youtube_faces.py says how many frames it gave to AFLW's training split; its faces may be small.
aflw = dict(num_train=1211)
train_dataloader = dict(batch_size=16, dataset=dict(datasets=dict(aflw=aflw, wider_face=dict(min_size=30))))
val_dataloader = dict(dataset=dict(datasets=dict(aflw=aflw)))
test_dataloader = val_dataloader
train_cfg = dict(max_epochs=20)
temperature = dict(epochs=10)

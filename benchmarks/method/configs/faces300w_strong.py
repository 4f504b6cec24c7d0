# The strong recipe on the benchmark's 300W.
_base_ = '../../../configs/strong_sepbn_mobilenetv2_300w.py'

root = 'data/method/300w'
train_dataloader = dict(num_workers=2, dataset=dict(data_root=f'{root}/whole/300W'))
val_dataloader = dict(num_workers=1, dataset=dict(data_root=f'{root}/validation/300W', split='train'))
test_dataloader = dict(num_workers=1, dataset=dict(data_root=f'{root}/test/300W', subsets=('common',)))
train_cfg = dict(val_interval=1000)
weights = dict(type='Pretrained', checkpoint='data/weights/mobilenet_v2-b0353104.pth')
model = dict(backbone=dict(backbone=dict(init_cfg=weights)))

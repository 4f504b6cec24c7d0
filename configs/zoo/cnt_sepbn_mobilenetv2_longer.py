# Records how the bundled network was made: 30 more epochs from the result of cnt_sepbn_mobilenetv2.py, with
# its data and half of its learning rate.
_base_ = 'cnt_sepbn_mobilenetv2.py'

load_from = 'work_dirs/zoo/cnt_sepbn_mobilenetv2/epoch_24.pth'
optim_wrapper = dict(optimizer=dict(lr=5e-4))
train_cfg = dict(max_epochs=30)
temperature = None

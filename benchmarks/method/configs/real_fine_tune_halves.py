# As many epochs as the stage 1 of real_cnt_longer.py has.
_base_ = 'real_fine_tune.py'

train_cfg = dict(max_epochs=30 * _base_.longer)

# Stage 2 that keeps the branches of stage 1: on WFLW's faces they still learn what stage 1 predicted there.
_base_ = ['../cnt_sepbn_vanilla_wflw.py', '../_base_/datasets/cnt_sets.py']

model = dict(type='mmsepbn.ReplayEstimator', head=dict(protocols=_base_.cnt_sets))
custom_hooks = [dict(type='mmsepbn.ReplayHook')]

# Stage 2 that keeps the branches of stage 1: on WFLW's faces they go on learning what stage 1 predicted there.
_base_ = '../cnt_sepbn_vanilla_wflw.py'

sets = [name for name in '{{$CNT_SETS:cofw,aflw,wflw,300w,wider_face}}'.split(',') if name]  # as stage 1's
model = dict(type='mmsepbn.ReplayEstimator', head=dict(protocols=sets))
custom_hooks = [dict(type='mmsepbn.ReplayHook')]

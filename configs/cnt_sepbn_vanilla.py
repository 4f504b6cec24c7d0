# Stage 1 of Cross-protocol Network Training: one backbone, one branch for each protocol.
_base_ = [
    '_base_/models/sepbn_vanilla.py',
    '_base_/datasets/cnt.py',
    '_base_/schedules/paper_500e.py',
    '_base_/default_runtime.py',
]
model = dict(
    head=dict(_delete_=True, type='mmsepbn.MultiProtocolHead', protocols=_base_.sets, branch=_base_.model.head)
)

# SepBN in place of the BN after the last convolution of every bottleneck. The position is ours.
_base_ = ['bn_resnext50.py', '../norms/sepbn.py']

model = dict(
    backbone=dict(
        _delete_=True,
        type='mmsepbn.SepBNBackbone',
        backbone=_base_.model.backbone,
        norm_cfg=_base_.norm,
        positions=(3,),
    )
)

_base_ = '../configs/faces_rows.py'
title = 'Stage 2 on 300W in four ways, and what each forgets'
base = '../configs/faces_branches.py'
rows = {
    'stage 1': [_base_.shared.stage_1.bn],
    'from scratch': [dict(table='faces300w_mobilenetv2', row='BN', config='../configs/faces300w_mobilenetv2.py')],
    "new branch on stage 1's backbone": [
        _base_.shared.stage_1.bn,
        dict(
            options={
                **_base_.shared.fine_tune_faces,
                # Beside the usual one, which takes all branches of a checkpoint that has them.
                'custom_hooks': [
                    dict(type='mmsepbn.ChannelsLastHook'),
                    dict(type='mmsepbn.KeepBranchHook', new_branches=['300w']),
                ],
            }
        ),
    ],
    'fine-tuning': _base_.shared.cnt_faces.bn,
    'replay': _base_.shared.replay,
}
comparisons = [(row, 'from scratch') for row in rows if row not in ('stage 1', 'from scratch')]
comparisons += [('replay', 'fine-tuning')]

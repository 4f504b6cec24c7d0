# Each row names its configs, so --base is refused. The tables of the three sets share stage 1 of CNT.
title = 'Networks with SepBN and CNT on COFW (paper Tables VII, XI)'
base = '../bn_vanilla_cofw.py'
shared = {
    tested: {
        f'{network}, {name}': (
            [
                dict(config=f'../cnt_{norm}_{net}.py', table='cnt', row=f'{norm}_{net}'),
                dict(config=f'../cnt_{norm}_{net}_{tested}.py'),
            ]
            if 'CNT' in name
            else [dict(config=f'../{norm}_{net}_{tested}.py', table=f'{net}_{tested}', row=name)]
        )
        for net, network in (('vanilla', 'Vanilla CNN'), ('mobilenetv2', 'MobileNetV2'), ('resnext50', 'ResNeXt-50'))
        for name, norm in (('BN', 'bn'), ('CNT', 'bn'), ('SepBN', 'sepbn'), ('CNT + SepBN', 'sepbn'))
    }
    for tested in ('cofw', 'aflw', 'wflw')
}
rows = shared['cofw']

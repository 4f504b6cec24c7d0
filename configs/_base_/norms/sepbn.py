# Three routes (Table IV); groups and pooled size are ours (docs/architecture.md).
norm = dict(type='mmsepbn.SepBN', num_routes=3, num_groups=4, pool_size=4)

# Three routes (Table IV); the paper's numbers of groups and pooled size are lost.
norm = dict(type='mmsepbn.SepBN', num_routes=3, num_groups=4, pool_size=4)

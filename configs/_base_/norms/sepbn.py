# Three routes (Table IV); the paper's numbers of groups and pooled size are lost. The attention is standardized over
# the batch, which the paper's is not, and the routes start alike; docs/results.md says why.
norm = dict(type='mmsepbn.SepBN', num_routes=3, num_groups=4, pool_size=4, init_spread=0.0, standardize_attention=True)

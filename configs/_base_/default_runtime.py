default_scope = 'mmpose'
custom_imports = dict(imports=['mmsepbn.registry'], allow_failed_imports=False)

# Only MMPose's inferencers read these two, to choose a face detector; the name of one set serves for all.
data_mode = 'topdown'
dataset_type = 'WFLWDataset'

default_hooks = dict(
    timer=dict(type='IterTimerHook'),
    logger=dict(type='LoggerHook', interval=50),
    param_scheduler=dict(type='ParamSchedulerHook'),
    # Two are kept, one in case that the last is damaged. 'auto' takes the first metric, the NME of the whole test set.
    checkpoint=dict(type='mmsepbn.SafeCheckpointHook', interval=10, max_keep_ckpts=2, save_best='auto'),
    sampler_seed=dict(type='DistSamplerSeedHook'),
    epoch_seed=dict(type='mmsepbn.EpochSeedHook'),
    temperature=dict(type='mmsepbn.TemperatureAnnealingHook', from_config=True),  # as the schedule's temperature says
    keep_branch=dict(type='mmsepbn.KeepBranchHook'),
    exact_checkpoint=dict(type='mmsepbn.ExactCheckpointHook'),
    folder_lock=dict(type='mmsepbn.FolderLockHook'),
    stop_signal=dict(type='mmsepbn.StopSignalHook'),
    workers=dict(type='mmsepbn.WorkerHook'),
    finite=dict(type='mmsepbn.FiniteLossHook'),
    sync_buffers=dict(type='mmsepbn.SyncBuffersHook'),
    visualization=dict(type='mmsepbn.FaceVisualizationHook', enable=False),
)
randomness = dict(seed=0)
env_cfg = dict(
    cudnn_benchmark=True,
    mp_cfg=dict(mp_start_method='fork', opencv_num_threads=0),
    dist_cfg=dict(backend='nccl'),
)
visualizer = dict(type='PoseLocalVisualizer', vis_backends=[dict(type='LocalVisBackend')], name='visualizer')
log_processor = dict(type='LogProcessor', window_size=50, by_epoch=True, num_digits=6)
log_level = 'INFO'
load_from = None
resume = False
val_cfg = dict()
test_cfg = dict()

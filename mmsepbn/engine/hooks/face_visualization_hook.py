"""Images of predictions."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from mmengine.runner import Runner
from mmpose.datasets.datasets.utils import parse_pose_metainfo
from mmpose.engine.hooks import PoseVisualizationHook
from mmpose.structures import PoseDataSample, merge_data_samples

from mmsepbn.datasets.formats.image_file import read_image
from mmsepbn.datasets.pose_metainfo import pose_metainfo
from mmsepbn.protocols import get_protocol
from mmsepbn.registry import HOOKS

_LONGEST_JPEG = 65500  # pixels


@HOOKS.register_module()
class FaceVisualizationHook(PoseVisualizationHook):
    """MMPose's hook of the same arguments, for every data set and for several at once.

    MMPose's hook reads an image by its path, but COFW's are all in one file; and it draws all faces with the landmarks
    of the first data set. In a test every face is drawn, to ``{data set}_{face}.jpg`` in ``out_dir`` (``.png`` where
    the image is too large for JPEG), which lies in the run's folder unless it is absolute; in validation one face at
    every ``interval`` iterations, to the visualizer's backends.

    Args:
        kpt_thr: lowest score of a landmark that is drawn; 0 draws all. MMPose's is 0.3, under which the scores of a
            heatmap or SimCC head may lie for all landmarks.
        **kwargs: of MMPose's hook.
    """

    def __init__(self, *, kpt_thr: float = 0.0, **kwargs: Any) -> None:
        super().__init__(kpt_thr=kpt_thr, **kwargs)

    def after_val_iter(
        self, runner: Runner, batch_idx: int, data_batch: Any, outputs: Sequence[PoseDataSample]
    ) -> None:
        """Draw the first face of a batch."""
        step = runner.iter + batch_idx
        if self.enable and step % self.interval == 0:
            self._draw(outputs[0], 'val_img', step)

    def after_test_iter(
        self, runner: Runner, batch_idx: int, data_batch: Any, outputs: Sequence[PoseDataSample]
    ) -> None:
        """Draw every face of a batch."""
        if not self.enable:
            return
        folder = Path(runner.work_dir, runner.timestamp, self.out_dir) if self.out_dir is not None else None
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
        for sample in outputs:
            self._test_index += 1
            name = f'{sample.metainfo["dataset_name"]}_{sample.metainfo["id"]:05d}'
            self._draw(sample, 'test_img', self._test_index, str(folder / name) if folder is not None else None)

    def _draw(self, sample: PoseDataSample, name: str, step: int, file: str | None = None) -> None:
        path = sample.metainfo['img_path']
        image = np.ascontiguousarray(read_image(path)[..., ::-1])
        meta = parse_pose_metainfo(pose_metainfo(get_protocol(sample.metainfo['protocol'])))
        self._visualizer.set_dataset_meta(meta)
        self._visualizer.add_datasample(
            Path(path).name if self.show else name,
            image,
            data_sample=merge_data_samples([sample]),
            draw_gt=False,
            draw_bbox=True,
            draw_heatmap=True,
            show=self.show,
            wait_time=self.wait_time,
            kpt_thr=self.kpt_thr,
            out_file=file and file + ('.jpg' if max(image.shape) <= _LONGEST_JPEG else '.png'),
            step=step,
        )

"""A network of a config and a checkpoint, in torch."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from mmengine.config import Config
from mmengine.runner import CheckpointLoader
from mmpose.structures import PoseDataSample
from numpy.typing import NDArray

from mmsepbn.apis.load_model import model_of, read_checkpoint
from mmsepbn.apis.network_info import network_info
from mmsepbn.apis.prediction_settings import prediction_settings
from mmsepbn.checkpoints.file import CheckpointError
from mmsepbn.checkpoints.plain_config import LEFT_OUT
from mmsepbn.checkpoints.trained_config import meta_of, trained_config
from mmsepbn.config_file import read_config
from mmsepbn.config_walk import walk
from mmsepbn.models.estimators.domain_routed_estimator import DomainRoutedEstimator
from mmsepbn.models.heads.multi_protocol_head import instances_of, protocol_meta
from mmsepbn.protocols import is_known
from mmsepbn.runtime.network import check_crops
from mmsepbn.zoo.resolve import checkpoint_place


def carried_config(checkpoint: str | Path) -> Config:
    """The config in a checkpoint, which is named as for :class:`TorchNetwork`.

    Raises:
        FileNotFoundError, CheckpointError: see :func:`load_model`; also where it has no config.
        URLError: the address cannot be fetched.
    """
    place = checkpoint_place(checkpoint)
    return _carried(CheckpointLoader.load_checkpoint(place, map_location='meta', logger='silent'), checkpoint)


def _carried(content: Mapping[str, Any], checkpoint: str | Path) -> Config:
    """The config in what was read of ``checkpoint``."""
    config = trained_config(content)
    if config is None and (reason := meta_of(content).get(LEFT_OUT)):
        raise CheckpointError(
            f'{checkpoint}: its config {reason}, which is not run from a checkpoint: give the config too, config= in '
            'Python, --config or CONFIG of the tools.'
        )
    if config is None:
        raise CheckpointError(f'{checkpoint} must contain its config, as those of tools/train.py do, or be given one.')
    parts = walk(config.get('model'))
    named = [part for place, part in parts if place.startswith('head.protocols.') and isinstance(part, str)]
    if unknown := [name for name in named if not is_known(name)]:
        raise CheckpointError(
            f'{checkpoint}: its config names the protocol {unknown[0]!r}, which is defined in a module of yours: give '
            'the config too, config= in Python, --config or CONFIG of the tools.'
        )
    return config


class TorchNetwork:
    """A Network in torch. With ``model.test_cfg.flip_test`` landmarks are means over the crop and its mirror image.

    Args:
        config: file, or what was read of it; None: the one in the checkpoint.
        checkpoint: file, address of one (``https://...``), or a network of the zoo; of one of stage 1 the branches of
            the config are taken.
        device: as torch names it, such as ``cuda:0``.
        fitted: with the box maps and the calibration that are stored for the checkpoint.

    Raises:
        FileNotFoundError, CheckpointError: see :func:`load_model` and :func:`carried_config`.
        OptionError: the config cannot be read.
        URLError: the address cannot be fetched.
        ValueError: the config's network cannot predict, or there is no such device.
    """

    def __init__(
        self,
        config: str | Path | Config | None,
        checkpoint: str | Path,
        device: str = 'cpu',
        fitted: bool = True,
    ) -> None:
        cfg = config if config is None or isinstance(config, Config) else read_config(config)
        path = checkpoint_place(checkpoint)
        content = read_checkpoint(path)
        cfg = _carried(content, checkpoint) if cfg is None else cfg
        model = model_of(cfg, content)
        self.info = replace(network_info(cfg), **(prediction_settings(path, content) if fitted else {}))
        if isinstance(model, DomainRoutedEstimator):
            raise ValueError(
                'FaceLandmarker(config=) must be of a network that needs no ground truth. Got a DomainRoutedEstimator, '
                'which chooses the branch by it.'
            )
        try:
            self._model = model.to(device)
        except (AssertionError, RuntimeError) as error:
            reason = str(error).splitlines()[0]
            raise ValueError(
                f'FaceLandmarker(device=) must be a device of this machine. Got {device!r}: {reason}'
            ) from None

    @torch.no_grad()
    def __call__(self, crops: NDArray[np.uint8], protocols: Sequence[str]) -> dict[str, NDArray[np.float32]]:
        """Landmarks of each of the protocols: crops (N, H, W, 3) BGR uint8 -> (N, L, 2) in crop pixels.

        Raises:
            ValueError: see :func:`check_crops`.
        """
        check_crops(self.info, crops, protocols)
        model = self._model
        inputs = list(torch.from_numpy(np.ascontiguousarray(crops)).permute(0, 3, 1, 2))  # as from a loader
        samples = [PoseDataSample(metainfo=dict(input_size=self.info.input_size)) for _ in crops]
        images = model.data_preprocessor(dict(inputs=inputs, data_samples=samples))['inputs']
        feats = model.extract_feat(images)
        if model.test_cfg.get('flip_test', False):  # as TopdownPoseEstimator.predict, which knows one protocol only
            feats = [feats, model.extract_feat(images.flip(-1))]
        found = {}
        for name in protocols:
            for sample in samples:
                sample.set_metainfo(protocol_meta(name))
            predictions = model.head.predict(feats, samples, test_cfg=model.test_cfg)
            landmarks = [instance.keypoints for instance in instances_of(predictions)]
            found[name] = np.concatenate(landmarks).astype(np.float32)
        return found

"""Any registered backbone, with SepBN in place of chosen BatchNorms."""

from collections.abc import Collection, Sequence
from typing import Any

from mmengine.logging import print_log
from mmengine.model import BaseModule
from mmpose.registry import MODELS as MMPOSE_MODELS
from torch import Tensor

from mmsepbn.checkpoints.pretrained import load_pretrained, weights_of, without_weights
from mmsepbn.models.norms.attentive_norm import AttentiveNorm
from mmsepbn.models.norms.replace import replace_norms, select_norms
from mmsepbn.models.norms.sepbn import SepBN
from mmsepbn.registry import MODELS

_INNER = 'backbone.'


@MODELS.register_module()
class SepBNBackbone(BaseModule):
    """A backbone whose BatchNorms at chosen places are replaced (paper Sec. V-D, Fig. 6, Table X).

    Input and output are the backbone's. Its checkpoints load, trained with BatchNorm or with SepBN, alone or as part
    of a network; a BatchNorm's scale and shift fill all routes, which SepBN's ``init_std`` then perturbs
    around them. With ``init_std=0`` the network computes at first exactly what it did with BatchNorm.

    Args:
        backbone: config of any backbone of a registry. Its ``init_cfg=dict(type='Pretrained', checkpoint=...)``, a
            file or an address, is loaded into norms of both kinds, and what was loaded is logged.
        norm_cfg: the norm to put in.
        positions: places in each residual block, counted from 1; in a bottleneck 1 follows the first (expanding)
            convolution, 2 the middle one, 3 the last (projecting) one. None: any, also outside of blocks.
        stages: parts of the backbone by their dotted names, such as ``layer3``. None: all.
        pattern: regular expression searched in the dotted names of norms, such as ``layer[34].*bn2``. None: all.
        init_cfg: initialization of the whole. Weights that it loads take the place of those of ``backbone``.

    Attributes:
        replaced: dotted names of the replaced norms.

    Raises:
        ValueError: nothing is selected, or a selected norm cannot be replaced; names the candidates or the layer.
        CheckpointError: the pretrained weights cannot be fetched or do not fit; when weights are initialized.
    """

    def __init__(
        self,
        backbone: dict[str, Any],
        norm_cfg: dict[str, Any] | None = None,
        positions: Collection[int] | None = None,
        stages: Sequence[str] | None = None,
        pattern: str | None = None,
        init_cfg: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(init_cfg)
        self.backbone = MMPOSE_MODELS.build(backbone)
        self.replaced = select_norms(self.backbone, positions, stages, pattern)
        replace_norms(self.backbone, self.replaced, norm_cfg or dict(type='mmsepbn.SepBN'))

    def init_weights(self) -> None:
        """Initialize the backbone, load its weights, then perturb the routes."""
        owner = self if weights_of(self) else self.backbone
        weights = weights_of(owner)
        with without_weights(self, self.backbone):
            if not weights or self.init_cfg or getattr(self.backbone, 'init_cfg', None):
                super().init_weights()
                for module in self.modules():
                    if isinstance(module, SepBN):
                        module.reset_attention()  # MMPose's backbones initialize every Conv2d inside them
        for settings in weights:
            report = load_pretrained(owner, settings['checkpoint'], settings.get('prefix'))
            print_log(f'SepBNBackbone, {len(self.replaced)} norms replaced. {report}', logger='current')
        for module in self.modules():
            if isinstance(module, SepBN | AttentiveNorm):
                module.perturb_routes()
        self._is_init = True

    def forward(self, x: Tensor) -> Any:
        """The backbone's output."""
        return self.backbone(x)

    def _load_from_state_dict(self, state_dict: dict[str, Any], prefix: str, *args: Any, **kwargs: Any) -> None:
        """Let the keys of the bare backbone stand for those of the backbone inside."""
        own = self.state_dict(prefix=prefix)
        for key in [key for key in state_dict if key.startswith(prefix) and key not in own]:
            inner = prefix + _INNER + key.removeprefix(prefix)
            if not key.startswith(prefix + _INNER):
                state_dict[inner] = state_dict.pop(key)
        super()._load_from_state_dict(state_dict, prefix, *args, **kwargs)

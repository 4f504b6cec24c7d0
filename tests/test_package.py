"""First contact: what importing costs, what a wheel holds."""

import shutil
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest
from helpers import ROOT

PURE = (
    'mmsepbn.protocols',
    'mmsepbn.synthetic',
    'mmsepbn.evaluation.functional',
    'mmsepbn.datasets.transforms.affine',
    'mmsepbn.models.norms.functional',
)
BLOCK = """
import sys
class Block:
    def find_spec(self, name, path=None, target=None):
        if name.partition('.')[0] in {blocked}:
            raise ImportError(f'{{name}} is not to be imported')
sys.meta_path.insert(0, Block())
"""
FRAMEWORKS = ('mmengine', 'mmcv', 'mmpose', 'mmdet')


def python(code, executable=sys.executable, **options):
    done = subprocess.run([str(executable), '-c', code], capture_output=True, text=True, **options)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout.strip()


@pytest.mark.parametrize('module', PURE)
def test_pure_modules_import_where_there_is_no_framework(module):
    python(BLOCK.format(blocked=FRAMEWORKS) + f'import {module}')


def test_importing_the_package_loads_no_torch():
    python(BLOCK.format(blocked=('torch', *FRAMEWORKS)) + 'import mmsepbn; print(mmsepbn.__version__)')


def test_public_names_are_classes_of_the_package():
    import mmsepbn
    from mmsepbn.models.norms.sepbn import SepBN

    assert mmsepbn.SepBN is SepBN
    assert {'FaceLandmarkMetric', 'WFLWDataset', 'TemperatureAnnealingHook', 'get_protocol'} <= set(dir(mmsepbn))
    assert all(getattr(mmsepbn, name).__module__.startswith('mmsepbn.') for name in mmsepbn.__all__)
    with pytest.raises(AttributeError, match='SepBM'):
        mmsepbn.SepBM  # noqa: B018


@pytest.mark.slow
@pytest.mark.parametrize('name', ['mmsepbn', 'mmsepbn.registry'])
def test_either_import_in_a_config_registers_all_components(name):
    code = f"""
from mmengine.config import Config
from mmengine.registry import MODELS, init_default_scope
config = Config(dict(custom_imports=dict(imports=['{name}'])))
from mmengine.utils import import_modules_from_strings
import_modules_from_strings(**config.custom_imports)
init_default_scope('mmpose')
print(type(MODELS.build(dict(type='mmsepbn.VanillaCNN', norm_cfg=dict(type='mmsepbn.SepBN')))).__name__)
from mmpose.models import TopdownPoseEstimator
"""
    assert python(code) == 'VanillaCNN'


@pytest.mark.slow
def test_a_wheel_installs_with_configs_and_tools(tmp_path):
    """In a fresh environment that sees this one's packages but not the project."""
    source = tmp_path / 'source'  # building leaves files where it runs
    for name in ('mmsepbn', 'configs', 'tools'):
        shutil.copytree(ROOT / name, source / name, symlinks=True, ignore=shutil.ignore_patterns('__pycache__'))
    for name in ('setup.cfg', 'pyproject.toml', 'README.md', 'LICENSE'):
        shutil.copy(ROOT / name, source)
    build = [sys.executable, '-m', 'pip', 'wheel', '-q', '--no-deps', '--no-build-isolation', '-w', str(tmp_path)]
    subprocess.run([*build, str(source)], check=True)
    (wheel,) = tmp_path.glob('*.whl')
    inside = {name for name in zipfile.ZipFile(wheel).namelist() if name.endswith('.py')}
    modules = {str(path.relative_to(ROOT)) for path in (ROOT / 'mmsepbn').rglob('*.py') if '.mim' not in path.parts}
    configs = {f'mmsepbn/.mim/{path.relative_to(ROOT)}' for path in (ROOT / 'configs').rglob('*.py')}
    tools = {f'mmsepbn/.mim/{path.relative_to(ROOT)}' for path in (ROOT / 'tools').glob('*.py')}
    assert inside == modules | configs | tools
    venv.create(tmp_path / 'fresh', with_pip=True)
    fresh = tmp_path / 'fresh' / 'bin' / 'python'
    install = [str(fresh), '-m', 'pip', 'install', '-q', '--no-deps', '--no-index', str(wheel)]
    subprocess.run(install, check=True, cwd=tmp_path, env={})
    code = """
from pathlib import Path
import mmsepbn
from mmengine.config import Config
package = Path(mmsepbn.__file__).parent
assert (package / 'py.typed').exists()
print(package)
print(Config.fromfile(package / '.mim/configs/sepbn_resnext50_wflw.py').model.backbone.type)
Path('own.py').write_text(f"_base_ = '{package}/.mim/configs/sepbn_vanilla_wflw.py'")
print(Config.fromfile('own.py').model.backbone.norm_cfg.type)
"""
    packages = next(path for path in map(Path, sys.path) if path.name == 'site-packages')
    # Later on the path than the fresh environment's own; its .pth files, which name the project, are not read.
    output = python(f'import sys; sys.path.append({str(packages)!r})\n{code}', fresh, cwd=tmp_path, env={})
    package, *types = output.splitlines()
    assert Path(package).is_relative_to(tmp_path / 'fresh')
    assert types == ['mmsepbn.SepBNBackbone', 'mmsepbn.SepBN']

"""What mkdocs does beside its own: README.md and CHANGELOG.md are pages, Sphinx's roles of docstrings are links."""

import re
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

ROOT = Path(__file__).parents[1]
ROLE = re.compile(r':(?:class|func|meth|mod):<code>~?([\w.]+)</code>')


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add README.md, whose links lead from the root and not from docs/, CHANGELOG.md and the licence."""
    readme = (ROOT / 'README.md').read_text(encoding='utf-8').replace('](docs/', '](')
    files.append(File.generated(config, 'index.md', content=readme))
    files.append(File.generated(config, 'changelog.md', abs_src_path=str(ROOT / 'CHANGELOG.md')))
    files.append(File.generated(config, 'LICENSE', abs_src_path=str(ROOT / 'LICENSE')))
    return files


def on_page_content(html: str, **_: Any) -> str:
    """``:class:`SepBN` `` becomes a link to the public name, or plain code where there is none."""
    return ROLE.sub(r'<autoref optional identifier="mmsepbn.\1"><code>\1</code></autoref>', html)

"""The site that ``make docs`` builds has every page and every public name."""

import inspect
import re

import pytest
import yaml
from helpers import ROOT

import mmsepbn

DOCS = ROOT / 'docs'


def leaves(node):
    """Pages of mkdocs' nav, in order."""
    if isinstance(node, str):
        return [node]
    return [page for entry in (node.values() if isinstance(node, dict) else node) for page in leaves(entry)]


def root_links(page):
    """Names of pages beside it to which a page of the root links."""
    return re.findall(r'\]\((\w+\.md)\)', page.read_text(encoding='utf-8'))


def test_the_navigation_leads_to_every_page_once():
    nav = leaves(yaml.safe_load((ROOT / 'mkdocs.yml').read_text())['nav'])
    pages = [str(page.relative_to(DOCS)) for page in DOCS.rglob('*.md')]
    links = [link for name in ('README', 'CONTRIBUTING', 'CHANGELOG') for link in root_links(ROOT / f'{name}.md')]
    assert links
    assert {link.lower() for link in links} <= set(nav)
    assert sorted(nav) == sorted([*pages, 'index.md', 'contributing.md', 'changelog.md'])  # docs/hooks.py adds them


def test_the_api_pages_describe_every_public_name_once():
    described = [
        name
        for page in (DOCS / 'api').glob('*.md')
        for name in re.findall(r'^::: mmsepbn\.(\w+)$', page.read_text(), re.M)
    ]
    assert sorted(described) == sorted(set(mmsepbn.__all__) - {'__version__'})


@pytest.mark.parametrize('name', sorted(set(mmsepbn.__all__) - {'__version__'}))
def test_a_docstring_describes_arguments_by_their_names(name):
    described = getattr(mmsepbn, name)
    _, _, arguments = (inspect.getdoc(described) or '').partition('\nArgs:\n')
    arguments = arguments.partition('\n\n')[0]
    names = {name.lstrip('*') for name in re.findall(r'^    (\S.*?):', arguments, re.M)}
    if names:
        assert names <= set(inspect.signature(described).parameters)

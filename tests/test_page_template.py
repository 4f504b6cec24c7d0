import jinja2
import pytest

from mmsepbn.page_template import page_template


def test_a_page_is_its_template_filled_and_nothing_may_be_missing(tmp_path):
    path = tmp_path / 'page.md.jinja'
    path.write_text('# {{ title | loud }}\n')
    template = page_template(path, dict(loud=lambda text: text.upper()))
    assert template.render(title='a') == '# A\n'
    with pytest.raises(jinja2.UndefinedError, match="'title' is undefined"):
        template.render()

import pytest
from toy_rates import train


@pytest.fixture
def resume(tmp_path, caplog):
    """Go on from the second epoch of a training of ``before`` epochs; returns the rates, and what was said."""

    def run(before, epochs, schedule, changed=None, **settings):
        train(tmp_path / 'before', before, schedule, kind=settings.get('kind', 'sgd'))
        caplog.clear()
        start = dict(resume=True, load_from=str(tmp_path / 'before' / 'epoch_2.pth'))
        rates = train(tmp_path / 'after', epochs, changed or schedule, listener=caplog.handler, **start, **settings)
        said = [each.getMessage() for each in caplog.records if 'as in the checkpoint' in each.getMessage()]
        return rates, ' '.join(said)

    return run

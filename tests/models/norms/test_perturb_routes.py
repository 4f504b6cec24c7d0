import torch

from mmsepbn.models.norms.functional import perturb_routes


def test_equal_rows_part_around_their_mean_by_the_spread():
    torch.manual_seed(0)
    scale, shift = torch.linspace(-2, 2, 5000).repeat(4, 1), torch.full((4, 5000), 3.0)
    before = scale[0].clone()
    perturb_routes(scale, shift, 0.2)
    torch.testing.assert_close(scale.mean(0), before)
    torch.testing.assert_close(shift.mean(0), torch.full((5000,), 3.0))
    for rows, centre in ((scale, before), (shift, 3.0)):
        relative = ((rows - centre) / before.abs())[:, before.abs() > 0.1]
        torch.testing.assert_close(relative.std(), torch.tensor(0.2), rtol=0.03, atol=0)


def test_a_scale_of_zero_counts_as_one():
    torch.manual_seed(0)
    scale, shift = torch.zeros(3, 5000), torch.zeros(3, 5000)
    perturb_routes(scale, shift, 0.1)
    for rows in (scale, shift):
        torch.testing.assert_close(rows.std(), torch.tensor(0.1), rtol=0.03, atol=0)
        torch.testing.assert_close(rows.mean(0), torch.zeros(5000))
    assert scale.std(0).min() > 0


def test_rows_that_differ_in_scale_or_shift_and_single_rows_stay():
    differing, equal, single = torch.tensor([[1.0], [2.0]]), torch.ones(2, 1), torch.ones(1, 3)
    for scale, shift in ((differing, 0 * equal), (equal, differing), (single, 0 * single)):
        before = scale.clone(), shift.clone()
        perturb_routes(scale, shift, 0.5)
        assert torch.equal(scale, before[0])
        assert torch.equal(shift, before[1])

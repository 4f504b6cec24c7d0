import cv2
import numpy as np

from mmsepbn.visualization.ced_plot import plot_ced


def test_a_long_title_is_not_cut(tmp_path):
    path = tmp_path / 'ced.png'
    plot_ced({'BN': np.array([0.02])}, path, 'a title that is longer than the figure is wide; ' * 4)
    figure = cv2.imread(str(path))
    for edge in (figure[0], figure[-1], figure[:, 0], figure[:, -1]):
        assert (edge == 255).all()


def test_the_legend_covers_nothing_of_the_curves(tmp_path):
    def rows_of_the_axes(name: str) -> np.ndarray:
        plot_ced({name: np.array([0.02, 0.05, 0.2])}, tmp_path / 'ced.png', 'title')
        return cv2.imread(str(tmp_path / 'ced.png'))[:550]

    np.testing.assert_array_equal(rows_of_the_axes('BN'), rows_of_the_axes('another, longer name'))


def test_plot_is_written(tmp_path):
    path = tmp_path / 'ced.png'
    plot_ced({'BN': np.array([0.02, 0.05, 0.2]), 'SepBN': np.array([0.01, 0.03, 0.1])}, path, 'title')
    figure = cv2.imread(str(path))
    assert figure.shape[:2] == (690, 900)
    assert len(np.unique(figure.reshape(-1, 3), axis=0)) > 50

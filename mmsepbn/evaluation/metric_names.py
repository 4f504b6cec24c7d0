"""Names of result rows. Every logging back end of MMEngine takes them; MLflow takes the fewest characters."""

ORACLE = '_oracle'  # follows the data set's name where predictions were chosen by the ground truth


def with_threshold(metric: str, threshold: float) -> str:
    """``FR_0.10``: two decimals, more where the threshold has more."""
    text = f'{threshold:.2f}'
    return f'{metric}_{text if float(text) == threshold else threshold}'

"""Learned scale and shift of each route, channel by channel."""

from pathlib import Path

from matplotlib.figure import Figure

from mmsepbn.analysis.routes import RouteValues


def route_parameters(values: RouteValues) -> list[dict[str, str | int | float]]:
    """A record for each layer, route and channel, with every quantity; routes and channels are counted from 0."""
    return [
        dict(layer=layer, route=route, channel=channel)
        | {quantity: float(rows[route, channel]) for quantity, rows in own.items()}
        for layer, own in values.items()
        for route in range(len(own['scale']))
        for channel in range(own['scale'].shape[1])
    ]


def plot_parameters(values: RouteValues, path: str | Path, title: str) -> None:
    """Write a PNG: for each layer scale against shift, a point a channel, a colour a route."""
    columns = min(len(values), 6)
    lines = -(-len(values) // columns)
    figure = Figure(figsize=(2.2 * columns, 2.3 * lines + 0.5), layout='constrained')
    grid = figure.subplots(lines, columns, squeeze=False)
    for axes, (layer, own) in zip(grid.flat, values.items(), strict=False):
        for route, (scale, shift) in enumerate(zip(own['scale'], own['shift'], strict=True)):
            axes.scatter(scale.numpy(), shift.numpy(), s=4, alpha=0.6, label=f'route {route}')
        axes.set_title(layer, fontsize=7)
        axes.tick_params(labelsize=6)
        axes.grid(alpha=0.3)
    for axes in grid.flat[len(values) :]:
        axes.axis('off')
    figure.supxlabel('scale', fontsize=9)
    figure.supylabel('shift', fontsize=9)
    figure.suptitle(title, fontsize=9)
    figure.legend(*grid.flat[0].get_legend_handles_labels(), fontsize=7, loc='upper right', ncols=3)
    figure.savefig(path, dpi=150)

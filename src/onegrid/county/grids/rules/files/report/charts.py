"""Histograms of the report as inline SVG: how far the grids of a level are from their size."""

from __future__ import annotations

from html import escape
from typing import Final

import numpy as np
from numpy.typing import NDArray

WIDE: Final = 440
TALL: Final = 180
LEFT, RIGHT, TOP, BOTTOM = 44, 26, 12, 30
BINS: Final = 25
REACH: Final = 0.5
"""Deviations beyond half the size are counted in the outermost bars."""


def histogram(deviation: NDArray[np.float64], tolerance: float, label: str) -> str:
    """Bars of the number of grids by deviation; the band of the tolerance lies behind them."""
    known = np.clip(deviation[np.isfinite(deviation)], -REACH, REACH)
    edges = np.linspace(-REACH, REACH, BINS + 1)
    counts, _ = np.histogram(known, edges)
    most = max(int(counts.max()) if len(counts) else 0, 1)
    wide, tall = WIDE - LEFT - RIGHT, TALL - TOP - BOTTOM

    def across(share: float) -> float:
        return LEFT + (min(max(share, -REACH), REACH) + REACH) / (2 * REACH) * wide

    parts = [f'<svg class="chart" viewBox="0 0 {WIDE} {TALL}" role="img" aria-label="{escape(label)}">']
    parts.append(
        f'<rect class="band" x="{across(-tolerance):.1f}" y="{TOP}" '
        f'width="{across(tolerance) - across(-tolerance):.1f}" height="{tall}"/>'
    )
    for line in _ticks(most):
        y = TOP + tall - line / most * tall
        parts.append(f'<line class="rule" x1="{LEFT}" x2="{WIDE - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>')
        parts.append(f'<text class="tick end" x="{LEFT - 6}" y="{y + 4:.1f}">{line:,}</text>')
    for place, count in enumerate(counts):
        if count:
            high = max(count / most * tall, 1.0)
            left, right = across(edges[place]), across(edges[place + 1])
            parts.append(
                f'<rect class="bar" x="{left + 0.7:.1f}" y="{TOP + tall - high:.1f}" width="{right - left - 1.4:.1f}" '
                f'height="{high:.1f}"><title>{edges[place]:+.0%} … {edges[place + 1]:+.0%}: {count:,}</title></rect>'
            )
    for share in (-0.5, -0.2, -0.1, 0.0, 0.1, 0.2, 0.5):
        words = "0" if share == 0 else f"{share * 100:+.0f} %".replace("-", "−")
        ends = "≤ " if share == -REACH else ("≥ " if share == REACH else "")
        parts.append(f'<text class="tick mid" x="{across(share):.1f}" y="{TALL - 10}">{ends}{words}</text>')
    return "".join(parts) + "</svg>"


def _ticks(most: int) -> list[int]:
    """Two or three round numbers up the side."""
    step = 10 ** int(np.floor(np.log10(most)))
    for factor in (5, 2, 1):
        if step * factor * 2 <= most:
            step *= factor
            break
    return list(range(0, most + 1, max(1, step)))[:6]

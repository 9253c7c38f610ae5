"""SVG plots, written by hand: small files, readable in light and in dark, without scripts and fonts of their own."""

from __future__ import annotations

import math
from dataclasses import dataclass
from html import escape

# One file for both: the media query follows the reader, and the plot has a background of its own.
STYLE = """
svg { color-scheme: light dark; font: 13px system-ui, sans-serif; }
.back { fill: #ffffff; } text { fill: #1f2328; } .faint { fill: #59636e; } .grid { stroke: #d1d9e0; }
.ours { fill: #0969da; stroke: #0969da; } .peer { fill: #9a6700; stroke: #9a6700; }
.floor { fill: #818b98; stroke: #818b98; } .second { fill: #8250df; stroke: #8250df; }
.spread { stroke: #1f2328; } path { fill: none !important; stroke-width: 2; }
@media (prefers-color-scheme: dark) {
.back { fill: #0d1117; } text { fill: #f0f6fc; } .faint { fill: #9198a1; } .grid { stroke: #3d444d; }
.ours { fill: #4493f8; stroke: #4493f8; } .peer { fill: #d29922; stroke: #d29922; }
.floor { fill: #656c76; stroke: #656c76; } .second { fill: #ab7df8; stroke: #ab7df8; }
.spread { stroke: #f0f6fc; } }
"""
WIDTH = 860
LEFT = 360
RIGHT = 80


@dataclass
class Bar:
    """A value with the middle half of its rounds."""

    label: str
    kind: str
    value: float
    low: float
    high: float


@dataclass
class Curve:
    label: str
    kind: str
    points: list[tuple[float, float]]


def svg(height: float, title: str, parts: list[str]) -> str:
    box = f"0 0 {WIDTH} {height:.0f}"
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}" role="img" aria-label="{escape(title)}">'
    back = f'<rect class="back" width="{WIDTH}" height="{height:.0f}" rx="6"/>'
    heading = text(16, 26, title, size=15, weight="600")
    return "\n".join([head, f"<style>{STYLE}</style>", back, heading, *parts, "</svg>\n"])


def text(
    x: float, y: float, words: str, anchor: str = "start", kind: str = "", size: int = 13, weight: str = "400"
) -> str:
    style = f'text-anchor="{anchor}" font-size="{size}" font-weight="{weight}"'
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" {style}>{escape(words)}</text>'


def line(x1: float, y1: float, x2: float, y2: float, kind: str) -> str:
    return f'<line class="{kind}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'


def number(value: float) -> str:
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2g}" if value >= 1 else f"{value:.2f}"


def powers(low: float, high: float) -> list[float]:
    return [10.0**power for power in range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)]


def bars(title: str, unit: str, groups: dict[str, list[Bar]], *, log: bool = False) -> str:
    """Horizontal bars in groups, on one scale."""
    every = [bar for group in groups.values() for bar in group]
    ticks = (
        powers(min(bar.value for bar in every), max(bar.high for bar in every))
        if log
        else linear(max(bar.high for bar in every))
    )
    first, last = (math.log10(ticks[0]), math.log10(ticks[-1])) if log else (0, ticks[-1])
    span = WIDTH - LEFT - RIGHT

    def at(value: float) -> float:
        return LEFT + span * ((math.log10(value) if log else value) - first) / (last - first)

    parts, y = [], 48.0
    bottom = y + sum(26 + 22 * len(group) for group in groups.values())
    parts += [line(at(tick), y, at(tick), bottom, "grid") for tick in ticks]
    parts += [text(at(tick), bottom + 16, number(tick), "middle", "faint", 11) for tick in ticks]
    for name, group in groups.items():
        parts.append(text(16, y + 16, name, weight="600"))
        y += 24
        for bar in group:
            parts.append(text(LEFT - 8, y + 13, bar.label, "end"))
            width = max(1, at(bar.value) - LEFT)
            parts.append(f'<rect class="{bar.kind}" x="{LEFT}" y="{y + 2:.1f}" width="{width:.1f}" height="14"/>')
            parts.append(line(at(max(bar.low, ticks[0] if log else 0)), y + 9, at(bar.high), y + 9, "spread"))
            parts.append(text(at(bar.high) + 6, y + 13, number(bar.value), kind="faint", size=12))
            y += 22
        y += 2
    scale = f"{unit}, on a logarithmic scale" if log else unit
    parts.append(text(LEFT + span / 2, bottom + 34, scale, "middle", "faint", 12))
    return svg(bottom + 46, title, parts)


def linear(high: float) -> list[float]:
    step = 10.0 ** math.floor(math.log10(high))
    step = next(step * part for part in (0.1, 0.2, 0.5, 1, 2) if high / (step * part) <= 7)
    return [step * count for count in range(math.ceil(high / step) + 1)]


def curves(title: str, across: str, up: str, series: list[Curve]) -> str:
    """Curves on two logarithmic scales."""
    xs = sorted({x for curve in series for x, _ in curve.points})
    ys = [y for curve in series for _, y in curve.points]
    ticks = powers(min(ys), max(ys))
    if len(ticks) == 1:
        ticks.append(ticks[0] * 10)
    left, top, bottom, right = 90, 52, 300, 620
    low, high = math.log10(ticks[0]), math.log10(ticks[-1])
    first, last = math.log10(xs[0]), math.log10(xs[-1])

    def place(x: float, y: float) -> tuple[float, float]:
        return (
            left + (right - left) * (math.log10(x) - first) / (last - first),
            bottom - (bottom - top) * (math.log10(y) - low) / (high - low),
        )

    parts = []
    for tick in ticks:
        y = place(xs[0], tick)[1]
        parts += [line(left, y, right, y, "grid"), text(left - 8, y + 4, f"{tick:,g}", "end", "faint", 11)]
    parts += [text(place(x, ticks[0])[0], bottom + 18, f"{x:,g}", "middle", "faint", 11) for x in xs]
    parts.append(text((left + right) / 2, bottom + 38, across, "middle", "faint", 12))
    parts.append(text(left, top - 6, up, kind="faint", size=12))
    # Labels at the ends of the curves, apart from each other.
    ends = sorted((place(*curve.points[-1])[1], at) for at, curve in enumerate(series))
    before = -math.inf
    for y, at in ends:
        curve = series[at]
        path = " ".join(
            f"{'L' if place_at else 'M'}{x:.1f} {y_at:.1f}"
            for place_at, (x, y_at) in enumerate(place(*point) for point in curve.points)
        )
        parts.append(f'<path class="{curve.kind}" d="{path}"/>')
        parts += [
            f'<circle class="{curve.kind}" cx="{x:.1f}" cy="{y_at:.1f}" r="3"/>'
            for x, y_at in (place(*point) for point in curve.points)
        ]
        before = max(y, before + 17)
        parts.append(text(right + 12, before + 4, f"{curve.label}: {number(curve.points[-1][1])}"))
    return svg(bottom + 52, title, parts)

"""What every picture carries inside its frame, because screenshots travel alone; and the colours of all pictures.

Colours are CSS variables, so one spec serves a light page, a dark page and paper; `flat` writes the light colours in,
for a picture that leaves the page. The two courses have the blue and the vermilion of Okabe and Ito (2008), which
people with the usual kinds of colour blindness tell apart.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from materiel.views import words
from materiel.views.language import chart_locale, tr, trn

Spec = dict[str, Any]

LIGHT = {
    "ink": "#1d2733",
    "soft": "#5a6675",
    "rule": "#d9dee5",
    "paper": "#ffffff",
    "course-1": "#0072b2",
    "course-2": "#c04a00",
    "calm": "#8fa1b5",
    "held": "#5b7c99",
    "used": "#c04a00",
    "lost": "#3d4652",
    "made": "#5f8f6b",
}
DARK = {
    "ink": "#e8ecf1",
    "soft": "#a3afbd",
    "rule": "#36414f",
    "paper": "#1a212b",
    "course-1": "#56b4e9",
    "course-2": "#f08a4b",
    "calm": "#71839a",
    "held": "#7d9cba",
    "used": "#f08a4b",
    "lost": "#b4bdc9",
    "made": "#82b48f",
}
# For print in black: the courses differ by their lines, so their greys need only be dark enough to read.
GREY = {
    "ink": "#111111",
    "soft": "#4d4d4d",
    "rule": "#d4d4d4",
    "paper": "#ffffff",
    "course-1": "#1a1a1a",
    "course-2": "#636363",
    "calm": "#bdbdbd",
    "held": "#8f8f8f",
    "used": "#3d3d3d",
    "lost": "#111111",
    "made": "#6e6e6e",
}
FONT = "sans-serif"  # the page measures and draws with the same font


def colour(name: str) -> str:
    """A colour of the page by its role."""
    return f"var(--{name})"


def flat(text: str, colours: Mapping[str, str] = LIGHT) -> str:
    """The same picture with the light colours written in, or with others."""
    return re.sub(r"var\(--([\w-]+)(?:,[^)]*)?\)", lambda m: colours[m[1]], text)


def lit(text: str) -> str:
    """The same picture with the light colours to fall back on, for a mail filter that strips the page's styles."""
    return re.sub(r"var\(--([\w-]+)\)", lambda m: f"var(--{m[1]},{LIGHT[m[1]]})", text)


@dataclass(frozen=True)
class Frame:
    """As-of date, scenario and version, basis, run and number of worlds; neither of these behind what no world was simulated for."""

    as_of: date
    scenario: str
    version: str
    basis: str
    run: str
    worlds: int

    @property
    def lines(self) -> list[str]:
        """Two lines for the foot of a picture."""
        worlds = trn("{n} world", "{n} worlds", self.worlds)
        return [
            tr(
                "{scenario} {version} · as of {day} · {kind}",
                scenario=self.scenario,
                version=self.version,
                day=words.day(self.as_of),
                kind=tr(words.NOT_OBSERVED if self.worlds else words.RECORDED),
            ),
            " · ".join([self.basis, *([tr("run {run}", run=self.run)] if self.run else []), *([worlds] if self.worlds else [])]),
        ]


CONFIG: Spec = {
    "background": None,
    "font": FONT,
    "padding": {"left": 4, "right": 8, "top": 4, "bottom": 4},
    "view": {"stroke": None},
    "title": {
        "anchor": "start",
        "frame": "group",
        "color": colour("ink"),
        "fontSize": 15,
        "fontWeight": 600,
        "subtitleColor": colour("soft"),
        "subtitleFontSize": 12,
        "subtitlePadding": 5,
        "offset": 14,
    },
    "axis": {
        "labelColor": colour("soft"),
        "labelFontSize": 11.5,
        "titleColor": colour("soft"),
        "titleFontSize": 11.5,
        "titleFontWeight": 400,
        "gridColor": colour("rule"),
        "domainColor": colour("rule"),
        "tickColor": colour("rule"),
        "labelPadding": 6,
    },
    "axisX": {"grid": False},
    "axisY": {"domain": False, "ticks": False},
    "text": {"color": colour("ink"), "font": FONT},
    "legend": {"labelColor": colour("ink"), "titleColor": colour("soft")},
}


def config() -> Spec:
    """CONFIG with the numbers and dates of the language of the moment."""
    locale = chart_locale()
    return {**CONFIG, "locale": locale} if locale else CONFIG

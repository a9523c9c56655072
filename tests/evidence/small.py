"""A small war with reports that are made from one of its own worlds, so that the truth is known."""

from datetime import date, timedelta
from pathlib import Path

import numpy as np

import materiel
from materiel.scenario import Scenario, load

TINY = Path(materiel.__file__).parent / "library" / "tiny-two-sides" / "scenario.yaml"
EVIDENCE = """
evidence:
  families: {press: {name: the press}, north: {name: officials of North}, south: {name: officials of South}, maker: {name: Maker}}
  bias: 0.5
  common: 0.3
  error: 0.4
  either_way: 1.25
  against_interest: 2 to 5
  hit: beta(8, 2)
  false_alarm: beta(1, 9)
  quantities:
    boxes: {subject: MAKER>NORTH, measure: "containers[maker_north]", as: total}
    sent: {subject: MAKER>NORTH, measure: "containers[maker_north]", as: yes, at_least: 1 containers}
    fire: {subject: NORTH, measure: "fire[a]", as: daily}
    ratio: {subject: NORTH, measure: "fire[a]", as: ratio, to: "fire[b]"}
    area: {subject: NORTH, measure: front.area, as: change, form: linear, error: 20 km2}
    rounds: {subject: MAKER>NORTH, measure: "delivered[maker_north.old_shell]", as: total, factor: 0.5 to 2}
"""
HEADER = (
    "id,topic,subject,quantity,value_low,value_central,value_high,unit,period_start,period_end,published,published_earliest,"
    "published_latest,withdrawn,speaker,family,origin,interest,method,stance,quality,publisher,url,archived,replaces,note\n"
)
SUBJECT = {"fire": "NORTH", "ratio": "NORTH", "area": "NORTH"}
UNIT = {"boxes": "containers", "sent": "boolean", "fire": "rounds/day", "ratio": "ratio", "area": "km2", "rounds": "rounds"}


def row(
    id: str, quantity: str, value: object, last: str, published: str, *, first: str = "2020-05-01", family: str = "press", origin: str = "",
    interest: str = "none", method: str = "not stated", stance: str = "estimates", low: object = "", high: object = "",
    replaces: str = "", withdrawn: str = "",
) -> str:  # fmt: skip
    """One line of reports.csv."""
    return (
        f"{id},t,{SUBJECT.get(quantity, 'MAKER>NORTH')},{quantity},{low},{value},{high},{UNIT[quantity]},{first},{last},{published},,,"
        f"{withdrawn},speaker {id},{family},{origin},{interest},{method},{stance},,p,https://example.org/{id},,{replaces},\n"
    )


def small(folder: Path, *rows: str, ends: str = "2020-06-30", evidence: str = EVIDENCE, edit: tuple[tuple[str, str], ...] = ()) -> Scenario:
    """The small war in a folder of its own, with these reports."""
    text = TINY.read_text().replace("ends: 2020-06-30", f"ends: {ends}") + evidence
    for before, after in edit:
        assert before in text
        text = text.replace(before, after)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "scenario.yaml").write_text(text)
    (folder / "reports.csv").write_text(HEADER + "".join(rows))
    return load(folder)


def months(seed: int, until: date = date(2020, 9, 30)) -> list[str]:
    """Statements on fire, boxes, area and ratio at the end of each month, from a smooth story with errors of speakers."""
    rng = np.random.default_rng(seed)
    rows, day, n = [], date(2020, 5, 31), 0
    while day <= until:
        first = day.replace(day=1)
        when = day + timedelta(days=4)
        if when > until:
            break
        n += 1
        for family in ("press", "north"):
            fire = round(float(6000 * np.exp(0.3 * rng.standard_normal())), -1)
            rows.append(row(f"f{n}{family[0]}", "fire", fire, str(day), str(when), first=str(first), family=family, origin=family))
        rows.append(
            row(f"a{n}", "area", round(float(20 * rng.standard_normal()), 1), str(day), str(when), first=str(first), family="south")
        )
        boxes = round(float(350 * n * np.exp(0.2 * rng.standard_normal())))
        rows.append(row(f"b{n}", "boxes", boxes, str(day), str(when), family="south", origin="south_boxes"))
        day = (day + timedelta(days=1)).replace(day=28) + timedelta(days=4)
        day = day.replace(day=1) - timedelta(days=1)
    return rows

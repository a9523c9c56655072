"""Write monthly tables from daily ones that are kept apart: python docs/tables.py RAW_FOLDER OUT_FOLDER

Reads ukraine_control_deepstate.csv (columns date, occupied_since_2022_km2), oryx_russia_cumulative_daily.csv (date and the totals
tanks_total, afv_total, ifv_total, apc_total) and ua_mod_claimed_russian_losses_daily.csv (date, tank, apc); the last two are running
totals. Writes, for each month from 2022-12 to 2024-12, the change from the end of the month before to the end of the month:

- area_deepstate.csv, km2, of what was occupied since 2022, so that redrawing of older borders counts as nothing. Flagged redraws
  of the map stay in.
- equipment_oryx.csv, tanks and armoured vehicles with proof, in the month in which they were recorded.
- equipment_claimed_ua.csv, tanks and armoured vehicles as the Ukrainian ministry of defence claims them.

Where the last day of a month has no value the nearest earlier one stands for it. Only the last table may be passed on; the other two
are for a folder of your own, named by the environment variable MATERIEL_DATA.
"""

import csv
import sys
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

TABLES = {
    "area_deepstate.csv": ("ukraine_control_deepstate.csv", ("occupied_since_2022_km2",), 1),
    "equipment_oryx.csv": ("oryx_russia_cumulative_daily.csv", ("tanks_total", "afv_total", "ifv_total", "apc_total"), 0),
    "equipment_claimed_ua.csv": ("ua_mod_claimed_russian_losses_daily.csv", ("tank", "apc"), 0),
}  # what is written: from which file, the sum of which columns, with how many decimals
MONTHS = [date(2022, 12, 1), *(date(year, month, 1) for year in (2023, 2024) for month in range(1, 13))]


def daily(file: Path, columns: Sequence[str]) -> dict[date, float]:
    """The sum of some columns, by day; days on which one of them is empty are left out."""
    with file.open(newline="", encoding="utf-8") as f:
        whole = [row for row in csv.DictReader(f) if all(row[c] for c in columns)]
    return {date.fromisoformat(row["date"]): sum(float(row[c]) for c in columns) for row in whole}


def monthly(days: dict[date, float]) -> list[tuple[str, float]]:
    """Changes from month end to month end; at each the last day that has a value."""
    ends = [first - timedelta(days=1) for first in [*MONTHS, date(MONTHS[-1].year + 1, 1, 1)]]
    seen = [max((d for d in days if d <= end), default=None) for end in ends]
    if None in seen:
        raise ValueError(f"no value up to {ends[0]}")
    at = [days[d] for d in seen if d is not None]
    return [(f"{month:%Y-%m}", after - before) for month, before, after in zip(MONTHS, at, at[1:], strict=False)]


def write(raw: Path, out: Path) -> None:
    """Write all tables; the folder is made where it is missing."""
    out.mkdir(parents=True, exist_ok=True)
    for name, (source, columns, digits) in TABLES.items():
        rows = [f"{month},{value:.{digits}f}" for month, value in monthly(daily(raw / source, columns))]
        (out / name).write_text("\n".join(["month,value", *rows]) + "\n", encoding="utf-8")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("Give two folders: python docs/tables.py RAW_FOLDER OUT_FOLDER")
    write(Path(sys.argv[1]), Path(sys.argv[2]))

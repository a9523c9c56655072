"""Which briefs were written of a run: one small file each, in the folder `briefs` of the run.

The file holds the record of the page. A corrected brief stands in place of the earlier ones of its run; that is read here.
"""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from materiel.worlds.store import write_whole

FOLDER = "briefs"


def note(run: Path, record: dict[str, Any], page: Path) -> None:
    """Note a brief that was written to `page`; the first writing of the same page counts. Raises RunError and OSError."""
    file = run / FOLDER / f"{record['id']}.json"
    if file.exists():
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    entry = {**record, "written": datetime.now(UTC).isoformat(), "file": page.name}
    write_whole(file, lambda p: p.write_text(json.dumps(entry, indent=2, ensure_ascii=False) + "\n", encoding="utf-8"))


def noted(run: Path) -> list[dict[str, Any]]:
    """The briefs of a run that can be read, the oldest first."""
    found = []
    for file in (run / FOLDER).glob("*.json"):
        try:
            entry = json.loads(file.read_text(encoding="utf-8"))
            if isinstance(entry, dict) and all(isinstance(entry.get(k), str) for k in ("id", "digest", "status", "written")):
                found.append(entry)
        except (OSError, ValueError):
            continue
    return sorted(found, key=lambda e: (e["written"], e["id"]))

"""Gathers the texts that materiel writes and brings the PO files of all languages up to date with them.

Run: python docs/catalogue.py            (every language in src/materiel/views/languages)
     python docs/catalogue.py fr         (begin a new one)

What is new stands there without a translation, and what nothing says any more is dropped. A test fails while a file is stale.
"""

import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any, get_args

from babel.messages import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po
from pydantic import BaseModel

from materiel.claims import probability, verdict
from materiel.claims.priors import APART
from materiel.evidence.track import FIRST, MONTHLY
from materiel.mechanisms import MECHANISMS
from materiel.scenario.measures import CATALOGUE
from materiel.scenario.quantity import Quantity
from materiel.scenario.vocabulary import Vocabulary
from materiel.views.names import meaning, spoken

SOURCE = Path(str(find_spec("materiel").origin)).parent
FOLDER = SOURCE / "views" / "languages"
HEAD = "# Texts of materiel in another language. English is the source; see docs/translation.md."
KEYWORDS = {"tr": None, "trn": (1, 2), "mark": None, "marks": (1, 2), "pieces": None}
METHODS = [
    ("views/**.py", "python"),
    ("app/**.py", "python"),
    ("app/static/**.js", "javascript"),
    ("views/templates/**.j2", "jinja2.ext:babel_extract"),
    ("views/templates/**.css", "jinja2.ext:babel_extract"),
    ("views/templates/**.js", "jinja2.ext:babel_extract"),
    ("app/static/**.html", "jinja2.ext:babel_extract"),
]


def gathered() -> Catalog:
    """Every text that can be said, with the files that say it."""
    found = Catalog(project="materiel", fuzzy=False)
    for file, _, text, comments, _ in extract_from_dir(SOURCE, METHODS, keywords=KEYWORDS, comment_tags=("TR:",), strip_comment_tags=True):
        found.add(text, locations=[(Path(file).as_posix(), 0)], auto_comments=comments)
    for file, text in from_below():
        found.add(text, locations=[(file, 0)])
    return found


def from_below() -> Iterator[tuple[str, str]]:
    """Texts of the rooms below the views. Those know no language; the views look up what they are given."""
    for kind in CATALOGUE.values():
        yield "scenario/measures.py", meaning(kind)
    for text in (*(word for _, word in probability.BANDS), probability.OUTSIDE, probability.UNDETERMINED):
        yield "claims/probability.py", text
    for text in (*verdict.BASES, *verdict.BASES.values(), verdict.UNWEIGHTED):
        yield "claims/verdict.py", text
    yield "claims/priors.py", APART
    for mechanism in MECHANISMS:
        yield "mechanisms", summary(mechanism)
        yield "mechanisms", mechanism.name
    for made in (FIRST, MONTHLY):
        yield "evidence/track.py", made
    for name in sorted(parts_of_paths()):
        yield "scenario/vocabulary.py", name


def parts_of_paths() -> set[str]:
    """The words of the notation that may stand in the name of a number, read aloud."""
    found: set[str] = set()

    def leads(to: Any, through: tuple[type, ...] = ()) -> bool:
        if to is Quantity:
            return True
        if not (isinstance(to, type) and issubclass(to, BaseModel)):
            return any([leads(part, through) for part in get_args(to)])
        if to in through:
            return False
        fields = {field.alias or name: field for name, field in to.model_fields.items()}
        kept = {spoken(name) for name, field in fields.items() if leads(field.annotation, (*through, to))}
        found.update(kept)
        return bool(kept)

    leads(Vocabulary)
    return found


def summary(mechanism: type) -> str:
    """What a mechanism is, as the map says it."""
    return (mechanism.__doc__ or "").strip().splitlines()[0].rstrip(".")


def brought_up_to_date(language: str) -> Catalog:
    """The catalogue of a language, with the texts of now."""
    file = FOLDER / f"{language}.po"
    if file.exists():
        with file.open("rb") as f:
            held = read_po(f, locale=language)
    else:
        held = Catalog(locale=language, project="materiel", header_comment=HEAD, fuzzy=False)
    held.update(gathered(), no_fuzzy_matching=True, update_creation_date=False)
    held.obsolete.clear()
    for message in held:
        message.flags.discard("python-format")  # the sign % is a sign here
    return held


def translated(message: Message) -> bool:
    """Whether every form of a text is there."""
    return all(message.string) if isinstance(message.string, tuple | list) else bool(message.string)


def main() -> None:
    """Write the files."""
    FOLDER.mkdir(exist_ok=True)
    for language in sys.argv[1:] or sorted(f.stem for f in FOLDER.glob("*.po")):
        catalogue = brought_up_to_date(language)
        with (FOLDER / f"{language}.po").open("wb") as f:
            write_po(f, catalogue, width=120, include_lineno=False, sort_by_file=True, include_previous=False)
        missing = sum(1 for m in catalogue if m.id and not translated(m))
        print(f"{language}: {len(catalogue)} texts, {missing} without a translation")


if __name__ == "__main__":
    main()

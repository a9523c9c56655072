"""The language that a page speaks. English stands in the source; every other language is one PO file in `languages/`.

A text is written as a whole sentence with named fields, `tr("{n} worlds", n=...)`, and looked up when it is said, in the language
of the moment: that of the nearest `speaking`. What a catalogue lacks is said in English. Numbers and dates follow the language by
the Common Locale Data Repository, which Babel brings; Babel is imported only where a language other than English is spoken.

The texts of a scenario are its author's and are never looked up. `docs/catalogue.py` gathers all texts for the PO files.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date
from functools import cache
from gettext import GNUTranslations, NullTranslations
from importlib.resources import files
from io import BytesIO
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from babel import Locale
    from babel.messages import Catalog

SOURCE = "en"  # of the texts in the source, and of the scenarios that ship
FOLDER = files("materiel.views") / "languages"
_spoken: ContextVar[str] = ContextVar("language", default=SOURCE)


class UnknownLanguage(ValueError):
    """A language without a catalogue; the message lists those that there are."""


@cache
def known() -> tuple[str, ...]:
    """The languages that a page can speak: English, then those with a catalogue."""
    found = sorted(file.name.removesuffix(".po") for file in FOLDER.iterdir() if file.name.endswith(".po"))
    return (SOURCE, *found)


def checked(language: str) -> str:
    """A language that is known. Raises UnknownLanguage for any other."""
    if language not in known():
        raise UnknownLanguage(f'there is no language "{language[:20]}" here; there are {", ".join(known())}')
    return language


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Inside, everything is said in this language. Raises UnknownLanguage."""
    before = _spoken.set(checked(language))
    try:
        yield
    finally:
        _spoken.reset(before)


def language() -> str:
    """The language of the moment, as an HTML page names it."""
    return _spoken.get()


def theirs() -> str:
    """The language of the author's texts where the page is in another one; empty where it is in the same."""
    return "" if language() == SOURCE else SOURCE


def mark(text: str) -> str:
    """The text as it is, for a place where no language is spoken yet: it is gathered here, and said by `tr` later."""
    return text


def marks(one: str, many: str) -> tuple[str, str]:
    """The same for a text that counts, said by `trn`."""
    return one, many


def tr(text: str, /, **fields: object) -> str:
    """A text in the language of the moment, its fields filled in."""
    told = found(text)
    return told.format(**fields) if fields else told


def trn(one: str, many: str, n: float, /, **fields: object) -> str:
    """A text that counts: `one` or `many` in English, and as many forms as another language has. `{n}` is the count as it is read."""
    return form(one, many, n).format(**({"n": thousands(n)} | fields))


def found(text: str) -> str:
    """A text in the language of the moment, its fields still open."""
    return text if language() == SOURCE or not text else _texts(language()).gettext(text)  # "" is the head of a PO file


def form(one: str, many: str, n: float) -> str:
    """The form of a text that counts so many, its fields still open."""
    if language() == SOURCE:
        return one if n == 1 else many
    return _texts(language()).ngettext(one, many, int(n) if n == int(n) else 2)


def thousands(n: float) -> str:
    """A whole number with its thousands apart: 4,096."""
    return numeral(f"{n:,}")


def numeral(english: str) -> str:
    """A number that was written as in English, in the signs of the language: 1,234.5 -> 1.234,5 in German."""
    return english if language() == SOURCE else english.translate(_signs(language()))


def long_date(of: date) -> str:
    """15 September 2023."""
    if language() == SOURCE:
        return f"{of.day} {of:%B %Y}"
    from babel.dates import format_date

    return str(format_date(of, "long", locale(language())))


def month(of: date) -> str:
    """September 2023."""
    return f"{of:%B %Y}" if language() == SOURCE else _by_skeleton("yMMMM", of)


def days(start: date, end: date) -> str:
    """Two days with short names of the months: 3 Sep to 10 Oct 2023."""
    if language() == SOURCE:
        return f"{start.day} {start:%b}{f' {start:%Y}' if start.year != end.year else ''} to {end.day} {end:%b} {end:%Y}"
    first = _by_skeleton("yMMMd" if start.year != end.year else "MMMd", start)
    return tr("{low} to {high}", low=first, high=_by_skeleton("yMMMd", end))


def chart_locale() -> dict[str, Any]:
    """How Vega writes numbers and dates, in the form of d3; empty in English, which Vega speaks by itself."""
    if language() == SOURCE:
        return {}
    of = locale(language())
    by_length = {length: [of.months["format"][length][k] for k in range(1, 13)] for length in ("wide", "abbreviated")}
    weekdays = {length: [of.days["format"][length][k] for k in (6, 0, 1, 2, 3, 4, 5)] for length in ("wide", "abbreviated")}
    return {
        "number": {
            "decimal": _symbols(of)["decimal"],
            "thousands": _symbols(of)["group"],
            "grouping": [3],
            "currency": ["", ""],
            "minus": "\N{MINUS SIGN}",
        },
        "time": {
            "dateTime": "%x, %X",
            "date": "%d.%m.%Y",
            "time": "%H:%M:%S",
            "periods": ["AM", "PM"],
            "days": weekdays["wide"],
            "shortDays": weekdays["abbreviated"],
            "months": by_length["wide"],
            "shortMonths": by_length["abbreviated"],
        },
    }


def texts_of(place: str) -> Mapping[str, str | list[str]]:
    """The texts that files under this place say, in the language of the moment; for a script that says them itself."""
    if language() == SOURCE:
        return {}
    found: dict[str, str | list[str]] = {}
    for message in _catalogue(language()):
        if message.id and message.string and any(place in file for file, _ in message.locations):
            key = message.id if isinstance(message.id, str) else message.id[0]
            found[key] = message.string if isinstance(message.string, str) else list(message.string)
    return {key: text for key, text in found.items() if all(text)}  # what is not translated yet is said in English


@cache
def locale(language: str) -> "Locale":
    """What the Common Locale Data Repository knows of a language."""
    from babel import Locale

    return Locale.parse(language)


@cache
def _catalogue(language: str) -> "Catalog":
    from babel.messages.pofile import read_po

    with (FOLDER / f"{language}.po").open("rb") as file:
        return read_po(file, locale=language)


@cache
def _texts(language: str) -> NullTranslations:
    """The catalogue as gettext reads it. The PO file itself is shipped, so that what people edit is what is read."""
    from babel.messages.mofile import write_mo

    compiled = BytesIO()
    write_mo(compiled, _catalogue(language))
    compiled.seek(0)
    return GNUTranslations(compiled)


@cache
def _signs(language: str) -> dict[int, str]:
    symbols = _symbols(locale(language))
    return {ord(","): symbols["group"], ord("."): symbols["decimal"]}


def _symbols(of: "Locale") -> Mapping[str, str]:
    return dict(of.number_symbols["latn"])


def _by_skeleton(skeleton: str, of: date) -> str:
    from babel.dates import format_skeleton

    return str(format_skeleton(skeleton, of, locale=locale(language())))

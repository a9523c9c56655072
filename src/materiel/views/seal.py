"""What a brief says of itself to a machine, and a digest that shows whether the page is still as it was written.

The record stands in the page as one JSON block. The digest is a SHA-256 over the whole page with the digest itself left empty
and line ends as they are on Unix, because mail programs change those. It is no signature: who alters a page on purpose can
make a new digest. What it shows is that nobody altered the page by accident or carelessly.
"""

import json
import re
from hashlib import sha256
from typing import Any

FORMAT = 1
BLOCK = re.compile(r'<script type="application/json" id="seal">(.*?)</script>', re.S)
_FIELD = re.compile(r'"digest":"[0-9a-f]*"')
_LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"


class Unsealed(Exception):
    """A page without a record that can be read; the message says what is wrong with it."""


def digest(page: str) -> str:
    """SHA-256 of a page with one seal, in hexadecimal, whatever its digest says. Raises Unsealed."""
    start, end = _block(page)
    emptied = _FIELD.sub('"digest":""', page[start:end])
    text = page[:start] + emptied + page[end:]
    return sha256(text.replace("\r\n", "\n").encode()).hexdigest()


def short(page: str) -> str:
    """Eight letters that name a page, as a person can read them out."""
    return "".join(_LETTERS[int(digest(page)[2 * k : 2 * k + 2], 16) % len(_LETTERS)] for k in range(8))


def close(page: str) -> str:
    """The page with its digest written in. Raises Unsealed."""
    start, end = _block(page)
    return page[:start] + _FIELD.sub(f'"digest":"{digest(page)}"', page[start:end]) + page[end:]


def read(page: str) -> dict[str, Any]:
    """The record of a page, as it stands there. Raises Unsealed."""
    start, end = _block(page)
    try:
        record = json.loads(page[start:end])
    except ValueError as error:
        raise Unsealed("its record cannot be read") from error
    if not isinstance(record, dict) or not isinstance(record.get("digest"), str):
        raise Unsealed("its record has no digest")
    if record.get("format") != FORMAT:
        raise Unsealed(f"its record is of another form than {FORMAT}, which this version of materiel reads")
    return record


def _block(page: str) -> tuple[int, int]:
    """Where the text of the one record stands."""
    found = list(BLOCK.finditer(page))
    if not found:
        raise Unsealed("it holds no record of a brief")
    if len(found) > 1:
        raise Unsealed("it holds more than one record")
    if len(_FIELD.findall(found[0][1])) != 1:
        raise Unsealed("its record has no digest, or more than one")
    return found[0].span(1)

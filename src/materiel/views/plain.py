"""Text of a scenario, a page or a person, made safe for a terminal."""

import unicodedata


def plain(text: object) -> str:
    """One line without control characters: none that moves a cursor, sets a colour, or turns the direction of writing."""
    kept = (c if unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp") else " " for c in str(text))
    return " ".join("".join(kept).split())

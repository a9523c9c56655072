"""What the page and the server say to each other, as JSON over one WebSocket; anything else is refused and changes nothing.

The page says `move` (a whole state, so that a lost connection loses nothing), `save` and `weigh`. The server answers with `result`,
`same` (the first look that the page shows already), `refused`, `saving` and `saved`, each with the number `n` of the message that it
answers. Numbers of a page only rise.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from materiel.app.state import MOST, Refused
from materiel.views.language import thousands, tr

LONGEST = 16_384  # bytes of a message


class Message(BaseModel):
    """What every message has: its number, the scenario that the page was made of, and all that differs from it."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)
    n: int = Field(ge=0, lt=2**53)
    scenario: str = Field(max_length=64)
    state: dict[Annotated[str, Field(max_length=200)], float | tuple[float, float]] = Field(max_length=MOST)


class Move(Message):
    """Show this state. `final` when the slider was let go: then all worlds; `more`: on all courses that a claim needs."""

    type: Literal["move"]
    final: bool = False
    more: bool = False


class Save(Message):
    """Keep this state as a run on disk."""

    type: Literal["save"]


class Weigh(Message):
    """Keep this state as a run on disk, weigh that with the reports, and show what they leave."""

    type: Literal["weigh"]


_INCOMING: TypeAdapter[Move | Save | Weigh] = TypeAdapter(Annotated[Move | Save | Weigh, Field(discriminator="type")])


def read(text: str | bytes) -> Move | Save | Weigh:
    """A message. Raises Refused in words for what is not one."""
    if len(text) > LONGEST:
        raise Refused(tr("a message of {n} bytes is longer than {most}", n=thousands(len(text)), most=thousands(LONGEST)))
    try:
        return _INCOMING.validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        where = ".".join(str(part)[:40] for part in first["loc"]) or "message"
        raise Refused(tr("this is not a message that the page sends: {where}: {why}", where=where, why=first["msg"])) from None

"""Whose turn it is: one simulation at a time for all pages, the newest state of each page, and nobody waits behind a long one.

A page has at most one state that waits; a newer one takes its place. First looks go before whole runs, page by page in
turn. Only one whole run is in memory; it stops between two pieces when its page has moved on, and goes on otherwise.
"""

import asyncio
import json
import logging
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from materiel.app import page
from materiel.app.state import State
from materiel.app.whatif import Answer, WhatIf
from materiel.views.language import SOURCE, speaking, tr
from materiel.worlds import RunError

Send = Callable[[str], Awaitable[None]]
KEPT = 64  # answers that are remembered
BREATH = 0.15  # seconds that a page has for drawing its first look, before all its worlds take every core


@dataclass
class Wanted:
    """What a page waits for."""

    n: int
    state: State
    final: bool
    more: bool
    since: float = field(default_factory=time.perf_counter)


@dataclass(eq=False)
class Client:
    """One open page: how to tell it and in which language, what it looks at first, while it draws that, and what it then wants whole."""

    send: Send
    language: str = SOURCE
    look: Wanted | None = None
    drawing: Wanted | None = None
    whole: Wanted | None = None
    seen: tuple[Any, ...] | None = None  # the state of the first look that it shows
    last: int = -1


class Turns:
    """The queue of all pages. `run` is a task of the server; everything else is called from its loop."""

    def __init__(self, what: WhatIf) -> None:
        self._what = what
        self._clients: list[Client] = []
        self._wake = asyncio.Event()
        self._remembered: OrderedDict[tuple[Any, ...], str] = OrderedDict()
        self._running: tuple[Client, Wanted, Iterator[Answer | None]] | None = None

    @property
    def open(self) -> int:
        """Number of open pages."""
        return len(self._clients)

    def join(self, client: Client) -> None:
        """A page is there."""
        self._clients.append(client)

    def leave(self, client: Client) -> None:
        """A page is gone; what it waited for is dropped."""
        client.look = client.drawing = client.whole = None
        if client in self._clients:
            self._clients.remove(client)

    def want(self, client: Client, wanted: Wanted) -> None:
        """A page wants this, and nothing that it wanted before."""
        client.look, client.drawing, client.whole = wanted, None, None
        self._wake.set()

    async def run(self) -> None:
        """Answer for ever."""
        while True:
            if not await self._turn():
                self._wake.clear()
                if not any(c.look or c.whole for c in self._clients) and self._running is None:
                    await self._wake.wait()

    async def _turn(self) -> bool:
        """One piece of work; False where there is none."""
        client = next((c for c in self._clients if c.look), None)
        if client:
            self._clients.remove(client)
            self._clients.append(client)  # to the end: the others come first next time
            wanted, client.look = client.look, None
            assert wanted is not None
            if not await self._from_memory(client, wanted):
                await self._first_look(client, wanted)
            return True
        if self._running is None:
            client = next((c for c in self._clients if c.whole), None)
            if client is None:
                return False
            wanted, client.whole = client.whole, None
            assert wanted is not None
            self._running = (client, wanted, self._what.full(wanted.state, wanted.more))
        await self._go_on()
        return True

    async def _first_look(self, client: Client, wanted: Wanted) -> None:
        done = False
        try:
            if client.seen == wanted.state.texts:  # a slider that is let go asks again for what it has just shown
                await self._tell(client, json.dumps({"type": "same", "n": wanted.n}))
            else:
                answer = await asyncio.to_thread(self._what.preview, wanted.state)
                done = answer.done
                await self._answer(client, wanted, answer)
        except Exception as error:
            await self._failed(client, wanted, error)
            return
        newer = client.look is not None
        if wanted.final and not newer and client in self._clients and not (done and not wanted.more):
            client.drawing = wanted
            asyncio.get_running_loop().call_later(BREATH, self._drawn, client, wanted)

    def _drawn(self, client: Client, wanted: Wanted) -> None:
        """A first look is painted by now; all worlds come next, if nothing newer is wanted."""
        if client.drawing is wanted:
            client.drawing, client.whole = None, wanted
            self._wake.set()

    async def _go_on(self) -> None:
        """The next piece of the whole run; what nobody waits for any more stops here."""
        assert self._running is not None
        client, wanted, steps = self._running
        if client.look is not None or client not in self._clients:
            self._running = None
            return
        try:
            step = await asyncio.to_thread(next, steps, Ellipsis)
            if isinstance(step, Answer) and client.look is None:
                await self._answer(client, wanted, step)
        except Exception as error:
            self._running = None
            await self._failed(client, wanted, error)
            return
        if step is Ellipsis or (isinstance(step, Answer) and step.done):
            self._running = None

    async def _failed(self, client: Client, wanted: Wanted, error: Exception) -> None:
        """One state that could not be answered stops neither the queue nor its page."""
        if not isinstance(error, RunError):
            logging.getLogger(__name__).error("state %s could not be answered", wanted.state.texts, exc_info=error)
        with speaking(client.language):
            why = str(error) if isinstance(error, RunError) else failed(error)
        await self._tell(client, refusal(wanted.n, why))

    async def _from_memory(self, client: Client, wanted: Wanted) -> bool:
        """Whether the last answer to this state is known, and was given."""
        for more in (True, False) if not wanted.more else (True,):
            known = self._remembered.get((client.language, wanted.state.texts, more))
            if known is not None:
                self._remembered.move_to_end((client.language, wanted.state.texts, more))
                client.seen = None
                await self._tell(client, _numbered(known, wanted))
                return True
        return False

    async def _answer(self, client: Client, wanted: Wanted, answer: Answer) -> None:
        with speaking(client.language):
            text = await asyncio.to_thread(lambda: json.dumps(page.result(self._what, answer, wanted.state), allow_nan=False))
        if answer.done:
            self._remembered[client.language, wanted.state.texts, answer.kind == "more" or not self._what.further] = text
            while len(self._remembered) > KEPT:
                self._remembered.popitem(last=False)
        client.seen = None if answer.done else wanted.state.texts
        await self._tell(client, _numbered(text, wanted))

    async def _tell(self, client: Client, text: str) -> None:
        try:
            await asyncio.wait_for(client.send(text), 10)
        except Exception:  # a page that is gone or does not listen keeps nobody waiting
            self.leave(client)


def _numbered(text: str, wanted: Wanted) -> str:
    """An answer for one page: which message it answers, and how long that took in the server."""
    head = json.dumps({"type": "result", "n": wanted.n, "ms": round(1000 * (time.perf_counter() - wanted.since))})
    return f"{head[:-1]}, {text[1:]}"


def failed(error: Exception) -> str:
    """That something went wrong here, in words."""
    return tr("the server failed at this ({error}); its log says more", error=type(error).__name__)


def refusal(n: int | None, why: str) -> str:
    """The answer to what cannot be done."""
    return json.dumps({"type": "refused", "n": n, "why": why})

"""The server: a page, its charts' library, one WebSocket a page, and briefs of runs that were saved here."""

import asyncio
import contextlib
import gc
import json
import logging
import secrets
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import HTTPConnection, Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect

from materiel.app import messages, page
from materiel.app.safety import BRIEF_HEADERS, COOKIE, HEADERS, LOCAL, Door
from materiel.app.saving import brief_of, save, weigh_again
from materiel.app.state import Refused, State, check
from materiel.app.turns import Client, Turns, Wanted, failed, refusal
from materiel.app.whatif import WhatIf
from materiel.scenario import ScenarioError
from materiel.views.brief import bundle
from materiel.views.frame import DARK, LIGHT
from materiel.views.language import SOURCE, UnknownLanguage, checked, found, language, speaking, texts_of, tr
from materiel.worlds import RunError

if TYPE_CHECKING:
    import uvicorn

PAGES = 64  # open at a time
TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
STATIC = files("materiel.app") / "static"
CLOSED = 4403  # code of a WebSocket that was not let in


class Guard:
    """In front of everything: the host that is named, the page that asks, and the token where one is needed."""

    def __init__(self, app: ASGIApp, door: Door) -> None:
        self.app, self.door = app, door

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        asked = HTTPConnection(scope)
        token = asked.query_params.get("token")
        if not self.door.known(asked.headers):
            refused = "this server does not go by that name"
        elif scope["type"] == "websocket" and not self.door.same_origin(asked.headers):
            refused = "only its own page may talk to this server"
        elif not self.door.admits(asked.cookies.get(COOKIE)) and not (scope["type"] == "http" and self.door.admits(token)):
            refused = "open the address with the token that was printed when the server started"
        else:
            if scope["type"] == "http" and self.door.token and token:
                await self._remember(asked, token)(scope, receive, send)
            else:
                await self.app(scope, receive, send)
            return
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": CLOSED, "reason": refused})
        else:
            await PlainTextResponse(refused + "\n", 403, HEADERS)(scope, receive, send)

    def _remember(self, asked: HTTPConnection, token: str) -> Response:
        """Once with the token in the address, then with a cookie, so that links hold no token."""
        rest = "&".join(p for p in asked.url.query.split("&") if p.partition("=")[0] != "token")
        answer = RedirectResponse(asked.url.path + (f"?{rest}" if rest else ""), 303, HEADERS)
        answer.set_cookie(COOKIE, token, httponly=True, samesite="strict")
        return answer


class Server:
    """One scenario, open to some pages."""

    def __init__(self, what: WhatIf, root: Path, language: str = SOURCE) -> None:
        self.what, self.root, self.turns, self.language = what, root, Turns(what), language
        self.facts: dict[str, str] = {}
        self._in(language)
        self.saving = False
        self._one_brief = asyncio.Lock()  # each takes seconds of a core
        self.saved = {what.run}
        self._tasks: set[asyncio.Task[None]] = set()  # a task that nobody holds may be collected
        self._known: dict[str, tuple[bytes, str]] = {}
        self._pages: dict[str, str] = {}  # by language

    def _in(self, language: str) -> str:
        """What the page can show and move, in a language; made once."""
        if language not in self.facts:
            with speaking(language):
                self.facts[language] = json.dumps(page.facts(self.what), allow_nan=False)
        return self.facts[language]

    def _asked(self, request: HTTPConnection) -> str:
        """The language that an address asks for, or that of the server. Raises UnknownLanguage."""
        return checked(request.query_params.get("lang", self.language))

    async def front(self, request: Request) -> Response:
        """The page itself, in a language."""
        try:
            language = self._asked(request)
        except UnknownLanguage as error:
            return PlainTextResponse(f"{error}\n", 404, HEADERS)
        if language not in self._pages:
            with speaking(language):
                self._pages[language] = html((STATIC / "app.html").read_text(encoding="utf-8"))
        return Response(self._pages[language], 200, HEADERS, "text/html")

    async def static(self, request: Request) -> Response:
        """A file of the page."""
        name = request.path_params["name"]
        if name not in self._known:
            file = STATIC / name
            suffix = Path(name).suffix
            if "/" in name or "\\" in name or suffix not in TYPES or not file.is_file():
                return PlainTextResponse("there is no such page\n", 404, HEADERS)
            self._known[name] = file.read_bytes(), TYPES[suffix]
        content, kind = self._known[name]
        return Response(content, 200, HEADERS, kind)

    async def told(self, request: Request) -> Response:
        """What the page can show and move."""
        try:
            return Response(await asyncio.to_thread(self._in, self._asked(request)), 200, HEADERS, "application/json")
        except UnknownLanguage as error:
            return PlainTextResponse(f"{error}\n", 404, HEADERS)

    async def charts(self, request: Request) -> Response:
        """The library that draws."""
        return Response(await asyncio.to_thread(bundle), 200, HEADERS, "text/javascript")

    async def colours(self, request: Request) -> Response:
        """The colours of the brief, light and dark."""
        light, dark = ("".join(f"--{k}: {v}; " for k, v in c.items()) for c in (LIGHT, DARK))
        return Response(f":root {{ {light}}}\n@media (prefers-color-scheme: dark) {{ :root {{ {dark}}} }}\n", 200, HEADERS, "text/css")

    async def brief(self, request: Request) -> Response:
        """The brief of a run that was saved here, or of the baseline."""
        run = request.path_params["run"]
        if run not in self.saved:
            return PlainTextResponse("no run of this name was saved by this server; see `materiel runs`\n", 404, HEADERS)
        try:
            async with self._one_brief:
                text = await asyncio.to_thread(brief_of, run, self.root, self._asked(request))
        except UnknownLanguage as error:
            return PlainTextResponse(f"{error}\n", 404, HEADERS)
        except RunError as error:
            return PlainTextResponse(f"{error}\n", 500, HEADERS)
        return Response(text, 200, BRIEF_HEADERS, "text/html")

    async def talk(self, socket: WebSocket) -> None:
        """One open page, from its first message to its last."""
        await socket.accept()
        try:
            language = self._asked(socket)
        except UnknownLanguage as error:
            await socket.send_text(refusal(None, str(error)))
            await socket.close(1008)
            return
        with speaking(language):
            await self._listen(socket, Client(socket.send_text, language))

    async def _listen(self, socket: WebSocket, client: Client) -> None:
        if self.turns.open >= PAGES:
            await socket.send_text(refusal(None, tr("{n} pages are open already; close one and load this again", n=PAGES)))
            await socket.close(1013)
            return
        self.turns.join(client)
        try:
            while True:
                await self._hear(client, await socket.receive_text())
        except (WebSocketDisconnect, KeyError, RuntimeError):
            pass  # gone, or it sent bytes that are no text
        finally:
            self.turns.leave(client)

    async def _hear(self, client: Client, text: str) -> None:
        """One message: refused with a reason, or done."""
        number = None
        try:
            message = messages.read(text)
            number = message.n
            if message.scenario != self.what.hash6:
                made = message.scenario[:12]
                raise Refused(
                    tr("this page was made of scenario {made}, and here is {here}: load it again", made=made, here=self.what.hash6)
                )
            if number <= client.last:
                raise Refused(tr("message {n} is older than {last}, which was here before", n=number, last=client.last))
            state = check(self.what.scenario, self.what.handles, message.state)
        except Refused as error:
            await client.send(refusal(number, str(error)))
            return
        client.last = number
        if isinstance(message, messages.Move):
            self.turns.want(client, Wanted(number, state, message.final, message.more))
        elif self.saving:
            await client.send(refusal(number, tr("another run is being saved; try again when it is done")))
        elif isinstance(message, messages.Weigh) and not self.what.weighed:
            await client.send(refusal(number, tr("no report weighs the worlds of this page; start it with --weighed")))
        else:
            self.saving = True
            task = asyncio.create_task(self._save(client, number, state, isinstance(message, messages.Weigh)))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _save(self, client: Client, number: int, state: State, weigh: bool) -> None:
        loop = asyncio.get_running_loop()

        async def say(text: str) -> None:
            with contextlib.suppress(Exception):  # the page may be gone; the run is kept all the same
                await client.send(text)

        def progress(done: int, of: int) -> None:
            text = json.dumps({"type": "saving", "n": number, "done": done, "of": of})
            loop.call_soon_threadsafe(lambda: asyncio.ensure_future(say(text)))

        try:
            what = self.what
            if weigh:
                run, answer = await asyncio.to_thread(weigh_again, what, state, self.root, progress)
                shows = await asyncio.to_thread(lambda: page.result(what, answer, state))
                await say(json.dumps({"type": "result", "n": number, "ms": 0} | shows, allow_nan=False))
            else:
                run = await asyncio.to_thread(save, what.scenario, state, what.asked, what.seed, self.root, progress)
        except ScenarioError as error:
            checks = "; ".join(str(p) for p in error.problems[:3])
            await say(refusal(number, tr("the changed scenario does not pass its checks: {checks}", checks=checks)))
        except RunError as error:
            await say(refusal(number, str(error)))
        except Exception as error:
            logging.getLogger(__name__).error("state %s could not be saved", state.texts, exc_info=error)
            await say(refusal(number, failed(error)))
        else:
            self.saved.add(run)
            await say(json.dumps({"type": "saved", "n": number, "run": run, "folder": str(self.root / run)}))
        finally:
            self.saving = False

    @contextlib.asynccontextmanager
    async def life(self, _: Starlette) -> AsyncIterator[None]:
        """While the server runs, so does the queue."""
        queue = asyncio.create_task(self.turns.run())
        yield
        queue.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await queue


def html(template: str) -> str:
    """The page in the language of the moment, with the texts that its script says."""
    from jinja2 import Environment, StrictUndefined
    from markupsafe import Markup

    page = Environment(autoescape=True, undefined=StrictUndefined, keep_trailing_newline=True).from_string(template)
    return page.render(lang=language(), words=texts_of("app/static/"), tr=lambda text: Markup(found(text)))


def build(what: WhatIf, root: Path, door: Door, language: str = SOURCE) -> Starlette:
    """The application, ready to be served."""
    server = Server(what, root, language)
    pages: list[tuple[str, Callable[[Request], Awaitable[Response]]]] = [
        ("/", server.front),
        ("/facts.json", server.told),
        ("/vega.js", server.charts),
        ("/colours.css", server.colours),
        ("/brief/{run}", server.brief),
        ("/static/{name}", server.static),
    ]
    routes = [*(Route(path, answer) for path, answer in pages), WebSocketRoute("/live", server.talk)]
    return Starlette(routes=routes, middleware=[Middleware(Guard, door=door)], lifespan=server.life)


def door(host: str) -> Door:
    """A token is needed where other computers can connect."""
    return Door(host, None if host in LOCAL else secrets.token_urlsafe(24))


@dataclass(frozen=True)
class Open:
    """A server whose address is open already; `run` serves until it is told to stop."""

    address: str
    server: "uvicorn.Server"
    listening: socket.socket

    def run(self) -> None:
        """Serve until Ctrl-C, or until `server.should_exit`.

        What is there by now stays; Python would look through all of it for garbage now and then, a quarter of a second each time.
        """
        gc.collect()
        gc.freeze()
        try:
            with self.listening:
                self.server.run([self.listening])
        finally:
            gc.unfreeze()


def listen(what: WhatIf, root: Path, host: str, port: int, language: str = SOURCE) -> Open:
    """Open an address; port 0 takes a free one. Raises RunError where it cannot be opened, and UnknownLanguage."""
    import uvicorn

    entry = door(host)
    app = build(what, root, entry, checked(language))
    bundle()  # two seconds that the first page need not wait for
    try:
        listening = socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        raise RunError(
            f"{host} port {port} cannot be opened ({error.strerror or error}). Give another --port, or 0 for a free one."
        ) from None
    address = f"http://{f'[{host}]' if ':' in host else host}:{listening.getsockname()[1]}/"
    config = uvicorn.Config(
        app, ws="websockets-sansio", ws_max_size=messages.LONGEST, log_level="warning", lifespan="on", server_header=False,
        limit_concurrency=4 * PAGES, timeout_graceful_shutdown=2,
    )  # fmt: skip
    return Open(f"{address}?token={entry.token}" if entry.token else address, uvicorn.Server(config), listening)

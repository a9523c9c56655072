"""Who may talk to the server. A page of another site must not, whatever name it gives this computer (DNS rebinding).

Requests must name a host that this server is known by, and a WebSocket must come from a page of that very host. Where other
computers may connect, each browser must once have opened the address with the token, and has a cookie from then on.
"""

import hmac
import ipaddress
import socket
from collections.abc import Mapping
from dataclasses import dataclass

COOKIE = "materiel_token"
LOCAL = ("127.0.0.1", "localhost", "::1")
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; style-src-attr 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
# A brief has scripts of its own, allowed by their hashes; it opens as a page of nowhere, so that it cannot ask for anything here.
BRIEF_HEADERS = HEADERS | {"Content-Security-Policy": "sandbox allow-scripts allow-downloads allow-popups; frame-ancestors 'none'"}


@dataclass(frozen=True)
class Door:
    """`host` is the address that the server listens on; `token` is None where only this computer can connect."""

    host: str
    token: str | None

    def known(self, headers: Mapping[str, str]) -> bool:
        """Whether the request names a host that this server has: never a name that somebody else's DNS gives it."""
        name = _name(headers.get("host", ""))
        if name in LOCAL or name == self.host.lower():
            return True
        return self.token is not None and (_is_address(name) or name == socket.gethostname().lower())

    def same_origin(self, headers: Mapping[str, str]) -> bool:
        """Whether a WebSocket was opened by a page of this server."""
        scheme, _, rest = headers.get("origin", "").partition("://")
        return scheme in ("http", "https") and rest != "" and rest == headers.get("host", "")

    def admits(self, given: str | None) -> bool:
        """Whether this is the token, or none is needed."""
        return self.token is None or (given is not None and hmac.compare_digest(given.encode(), self.token.encode()))


def _name(host: str) -> str:
    """The name in a Host header, without its port."""
    if host.startswith("["):
        return host[1:].partition("]")[0].lower()
    return host.rpartition(":")[0].lower() if ":" in host else host.lower()


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True

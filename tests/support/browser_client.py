"""What a browser does without scripts: ask for pages, send forms, keep one cookie."""

from __future__ import annotations

import contextlib
import http.client
from collections.abc import Mapping
from html.parser import HTMLParser
from http.cookies import SimpleCookie
from urllib.parse import urlencode

from tests.support.gateway_server import SECONDS, Reply, RunningGateway

__all__ = ["BrowserClient", "PageText"]


class BrowserClient:
    """One browser with its cookie, at one gateway."""

    def __init__(self, gateway: RunningGateway, cookie: str = "") -> None:
        self.port = gateway.port
        self.cookie = cookie

    def get(self, path: str, **headers: str) -> Reply:
        return self._ask("GET", path, None, headers)

    def post(self, path: str, form: Mapping[str, str] | bytes = b"", **headers: str) -> Reply:
        body = form if isinstance(form, bytes) else urlencode(form).encode()
        sent = {"Content-Type": "application/x-www-form-urlencoded", **headers}
        return self._ask("POST", path, body, sent)

    def log_in(self, token: str, **more: str) -> Reply:
        return self.post("/ui/login", {"token": token, **more})

    def page(self, path: str) -> PageText:
        """Return a page that must be there."""
        reply = self.get(path)
        assert reply.status == 200, reply.body
        return PageText(reply)

    def _ask(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> Reply:
        kept = {"Cookie": f"provisioner_dashboard={self.cookie}"} if self.cookie else {}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=SECONDS)
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        with contextlib.closing(connection):
            connection.request(method, path, body, {**kept, **sent})
            response = connection.getresponse()
            reply = Reply(response.status, response.headers, response.read())
        for given in reply.headers.get_all("Set-Cookie", []):
            self.cookie = SimpleCookie(given)["provisioner_dashboard"].value
        return reply


class PageText(HTMLParser):
    """A page as a browser reads it: its words, its elements, where its links lead."""

    def __init__(self, reply: Reply) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self._words: list[str] = []
        self.feed(reply.body.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._apart(tag)

    def handle_endtag(self, tag: str) -> None:
        self._apart(tag)

    def handle_data(self, data: str) -> None:
        self._words.append(data)

    def _apart(self, tag: str) -> None:
        if tag != "bdi":
            self._words.append(" ")

    @property
    def words(self) -> str:
        """All text, with single spaces."""
        return " ".join("".join(self._words).split())

    def links(self, beginning: str) -> list[str]:
        """Return where links lead that begin so, each once."""
        found = [attributes.get("href") or "" for tag, attributes in self.elements if tag == "a"]
        return list(dict.fromkeys(link for link in found if link.startswith(beginning)))

    def named(self, tag: str) -> list[dict[str, str | None]]:
        """Return the attributes of all elements of that name."""
        return [attributes for name, attributes in self.elements if name == tag]

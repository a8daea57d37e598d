"""The dashboard in a real browser: accessible, without scripts, live, by keyboard, in the dark."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from provisioner.gateway.record.model import Outcome
from tests.support.dashboard_records import Recorded, prepared
from tests.support.gateway_server import RunningGateway, running_gateway

pytestmark = pytest.mark.needs_browser

AXE = "axe-core@4.14.1"
HOSTILE = "<script>document.title = 'owned'</script><img src=x onerror=\"document.title='owned'\">"
PAGES = {
    "overview": "/ui",
    "sessions": "/ui/sessions",
    "session": "/ui/session?id=long&user_id=id+of+ada",
    "errors": "/ui/errors",
    "nothing there": "/ui?model=none",
    "a problem": "/ui?period=none",
}


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - only where a browser is

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=shutil.which("chromium"))
        yield started
        started.close()


@pytest.fixture(scope="module")
def axe(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("axe")
    options = ["--ignore-scripts", "--no-audit", "--no-fund", "--prefix", str(folder)]
    npm = shutil.which("npm") or "npm"
    subprocess.run([npm, "install", *options, AXE], check=True, capture_output=True, cwd=folder)
    return (folder / "node_modules/axe-core/axe.min.js").read_text(encoding="utf-8")


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[RunningGateway]:
    with running_gateway(tmp_path / "state") as running:
        yield running


@pytest.fixture
def recorded(gateway: RunningGateway) -> Iterator[Recorded]:
    made = prepared(gateway.state)
    for number, model in enumerate(["gpt-6-luna", "gpt-6-sol", "gpt-5.4", "of-no-price", HOSTILE]):
        made.add(
            f"prompt {number}",
            model=model,
            tokens=(90_000, 40_000, 9_000),
            client_session_id=f"s{number}",
        )
    for text in (
        HOSTILE,
        "\N{HEBREW LETTER ALEF}\N{HEBREW LETTER BET} \N{GRINNING FACE}",
        "word " * 300,
    ):
        made.add(
            text,
            client_session_id="long",
            initiator=text[:100],
            thoughts=(text,),
            tools=(("exec", f'"{"x " * 400}"'), (text, '{"cmd": "ls"}')),
        )
    made.add("slow", outcome=Outcome.FAILED, status=429, error="upstream status 429")
    made.add("gone", outcome=Outcome.CANCELLED, status=None, error=HOSTILE)
    yield made
    made.database.close()


class Visitor:
    """A page of a browser that remembers what went wrong in it."""

    def __init__(self, browser: Any, gateway: RunningGateway, **options: Any) -> None:
        self.base = f"http://127.0.0.1:{gateway.port}"
        self.context = browser.new_context(**options)
        self.page = self.context.new_page()
        self.page.set_default_timeout(15_000)
        self.problems: list[str] = []
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.on("dialog", lambda dialog: self.problems.append(f"dialog {dialog.message}"))
        self.page.on("console", self._heard)

    def _heard(self, message: Any) -> None:
        # A page with a status of 400 and more is an error to the console too.
        if message.type == "error" and "the server responded with a status" not in message.text:
            self.problems.append(message.text)

    def go(self, path: str) -> None:
        self.page.goto(self.base + path)

    def log_in(self, token: str, path: str = "/ui") -> None:
        self.go(path)
        self.page.get_by_label("Token of the gateway").fill(token)
        self.page.get_by_role("button", name="Sign in").click()
        self.page.get_by_role("button", name="Sign out").wait_for()


@pytest.fixture
def visit(browser: Any, gateway: RunningGateway) -> Iterator[Any]:
    visitors: list[Visitor] = []

    def make(**options: Any) -> Visitor:
        visitors.append(Visitor(browser, gateway, **options))
        return visitors[-1]

    yield make
    for visitor in visitors:
        visitor.context.close()
        assert visitor.problems == []


@pytest.mark.needs_npm
@pytest.mark.usefixtures("recorded")
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 360])
def test_every_page_is_accessible(
    visit: Any, gateway: RunningGateway, axe: str, *, scheme: str, width: int, tmp_path: Path
) -> None:
    visitor = visit(color_scheme=scheme, viewport={"width": width, "height": 800})
    wrong = {}

    def check(name: str) -> None:
        page = visitor.page
        name_of_file = f"{name}-{scheme}-{width}.png".replace(" ", "-")
        page.screenshot(path=tmp_path / name_of_file, full_page=True)
        page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        page.evaluate(axe)
        found = page.evaluate("axe.run()")["violations"]
        wrong[name] = [(entry["id"], [node["html"] for node in entry["nodes"]]) for entry in found]
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
        assert page.title() != "owned"

    visitor.go("/ui")
    check("sign in")
    visitor.page.get_by_label("Token of the gateway").fill("wrong")
    visitor.page.keyboard.press("Enter")
    visitor.page.get_by_role("alert").wait_for()
    check("refused")
    visitor.log_in(gateway.token)
    for name, path in PAGES.items():
        visitor.go(path)
        check(name)

    assert wrong == {name: [] for name in ("sign in", "refused", *PAGES)}


@pytest.mark.usefixtures("recorded")
def test_it_works_without_scripts(visit: Any, gateway: RunningGateway) -> None:
    visitor = visit(java_script_enabled=False)
    page = visitor.page

    visitor.log_in(gateway.token, "/ui/sessions?period=24h")
    page.get_by_label("Model").select_option("gpt-6-sol")
    page.get_by_role("button", name="Apply").click()

    assert (
        page.url
        == f"{visitor.base}/ui/sessions?period=24h&client=&model=gpt-6-sol&provider_name=&user=&outcome="
    )
    assert page.get_by_text("1 session in the last 24 hours").is_visible()
    assert not page.get_by_role("button", name="Pause updates").is_visible()
    page.get_by_role("link", name="prompt 1").click()
    assert page.get_by_text("prompt 1").is_visible()
    page.get_by_role("button", name="Sign out").click()
    assert page.get_by_role("heading", name="Sign in").is_visible()
    visitor.go("/ui")
    assert page.get_by_role("heading", name="Sign in").is_visible()


def test_the_cookie_is_out_of_reach(visit: Any, gateway: RunningGateway) -> None:
    visitor = visit()
    visitor.log_in(gateway.token)

    (cookie,) = visitor.context.cookies()

    assert visitor.page.evaluate("document.cookie") == ""
    assert (cookie["httpOnly"], cookie["sameSite"], cookie["path"]) == (True, "Strict", "/ui")
    assert gateway.token not in str(visitor.context.storage_state())


def test_another_site_cannot_act_for_the_user(visit: Any, gateway: RunningGateway) -> None:
    visitor = visit()
    visitor.log_in(gateway.token)
    # Another host for the browser, though the same machine.
    other = f"http://localhost:{gateway.port}"
    visitor.page.goto(f"{other}/healthz")

    visitor.page.set_content(
        f'<form method="post" action="{visitor.base}/ui/logout"><button>Go</button></form>'
    )
    visitor.page.get_by_role("button").click()
    visitor.page.get_by_text("The form was sent by another site.").wait_for()

    visitor.page.goto(f"{other}/healthz")
    visitor.page.set_content(f'<a href="{visitor.base}/ui/errors">link</a>')
    visitor.page.get_by_role("link").click()
    visitor.page.get_by_role("link", name="go on to the page").click()
    assert visitor.page.get_by_role("heading", name="Errors", exact=True).is_visible()


def test_what_happens_appears_by_itself(
    visit: Any, gateway: RunningGateway, recorded: Recorded
) -> None:
    visitor = visit()
    page = visitor.page
    page.clock.install()
    visitor.log_in(gateway.token)
    page.evaluate("window.same = true")
    page.locator("#numbers-tokens > summary").click()
    page.get_by_role("link", name="All sessions").focus()

    recorded.add("quite new", model="gpt-6-astra")
    page.clock.run_for(6_000)
    page.get_by_role("link", name="quite new").wait_for()

    assert page.evaluate("window.same") is True
    assert page.locator("#numbers-tokens").get_attribute("open") is not None
    assert page.evaluate("document.activeElement.textContent") == "All sessions"
    page.get_by_role("button", name="Pause updates").click()
    recorded.add("not seen yet")
    page.clock.run_for(60_000)
    assert page.get_by_role("link", name="not seen yet").count() == 0
    assert page.get_by_role("status").text_content() == "Updates are paused"
    page.get_by_role("button", name="Resume updates").click()
    page.get_by_role("link", name="not seen yet").wait_for()


def test_a_login_that_ends_shows_the_form(visit: Any, gateway: RunningGateway) -> None:
    visitor = visit()
    visitor.page.clock.install()
    visitor.log_in(gateway.token, "/ui/sessions")
    visitor.context.clear_cookies()

    visitor.page.clock.run_for(6_000)

    visitor.page.get_by_role("heading", name="Sign in").wait_for()


@pytest.mark.usefixtures("recorded")
def test_it_is_used_with_the_keyboard_alone(visit: Any, gateway: RunningGateway) -> None:
    visitor = visit()
    page = visitor.page
    visitor.go("/ui/sessions")
    page.get_by_label("Token of the gateway").focus()
    page.keyboard.type(gateway.token)
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Sessions").wait_for()

    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    page.keyboard.press("Enter")
    reached = []
    for _ in range(12):
        page.keyboard.press("Tab")
        reached.append(
            page.evaluate("document.activeElement.id || document.activeElement.textContent.trim()")
        )
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"

    filters = [
        "period",
        "filter-client",
        "filter-model",
        "filter-provider_name",
        "filter-user",
        "filter-outcome",
    ]
    assert reached[:10] == ["live-toggle", *filters, "Apply", "Reset", "sessions-table"]
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Thread 1").wait_for()

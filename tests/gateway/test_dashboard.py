"""The dashboard over sockets: who gets in, who sees what, and that text stays text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from provisioner.gateway.dashboard.paths import PAGES as GETS
from provisioner.gateway.dashboard.paths import STATIC_TYPES
from provisioner.gateway.record.logins import add_login
from provisioner.gateway.record.model import Outcome
from provisioner.gateway.record.write import write_records
from provisioner.redact import Secret
from tests.support.browser_client import BrowserClient, PageText
from tests.support.dashboard_records import Recorded, prepared
from tests.support.gateway_api import api, ask
from tests.support.gateway_server import RunningGateway, running_gateway
from tests.support.interception_records import interception_start

PAGES = ["/ui", "/ui/sessions", "/ui/errors"]
HOSTILE = '<script>alert("x")</script><img src=x onerror=alert(1)> & {{ 7 * 7 }}'


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[RunningGateway]:
    with running_gateway(tmp_path / "state") as running:
        yield running


@pytest.fixture
def recorded(gateway: RunningGateway) -> Iterator[Recorded]:
    made = prepared(gateway.state)
    yield made
    made.database.close()


@pytest.fixture
def admin(gateway: RunningGateway) -> BrowserClient:
    browser = BrowserClient(gateway)
    assert browser.log_in(gateway.token).status == 303
    return browser


@pytest.mark.parametrize("path", [*PAGES, "/ui/session?id=x"])
def test_nothing_is_shown_to_who_is_not_signed_in(gateway: RunningGateway, path: str) -> None:
    for cookie in ("", "x" * 43, "\xff"):
        reply = BrowserClient(gateway, cookie).get(path)

        assert reply.status == 401
        page = PageText(reply)
        assert page.words.startswith("Sign in ")
        assert {"type": "hidden", "name": "next", "value": path} in page.named("input")
    assert BrowserClient(gateway).get("/ui/live").status == 401


def test_a_token_becomes_a_cookie_that_does_not_hold_it(gateway: RunningGateway) -> None:
    browser = BrowserClient(gateway)

    reply = browser.log_in(f" {gateway.token} ")

    assert (reply.status, reply.headers["Location"]) == (303, "/ui")
    fields = reply.headers["Set-Cookie"].split("; ")
    assert set(fields[1:]) == {"HttpOnly", "Max-Age=43200", "Path=/ui", "SameSite=Strict"}
    assert re.fullmatch("[A-Za-z0-9_-]{43}", browser.cookie)
    assert [browser.get(path).status for path in PAGES] == [200, 200, 200]
    stored = b"".join(path.read_bytes() for path in gateway.state.glob("gateway.sqlite3*"))
    for secret in (gateway.token, browser.cookie):
        assert secret.encode() not in stored
        assert secret[4:].encode().hex().encode() not in stored
    as_token = ask(gateway, "/api/v2/users/me", token=browser.cookie)
    assert as_token.status == 401


def test_behind_https_the_cookie_stays_there(gateway: RunningGateway) -> None:
    form = {"token": gateway.token}

    reply = BrowserClient(gateway).post("/ui/login", form, X_Forwarded_Proto="https")

    assert "Secure" in reply.headers["Set-Cookie"].split("; ")


@pytest.mark.parametrize("token", ["", "prv_wrong", "\xff", "x" * 9000, "a\0b"])
def test_a_token_that_is_not_good_is_refused(gateway: RunningGateway, token: str) -> None:
    reply = BrowserClient(gateway).log_in(token)

    assert (reply.status, reply.headers["Set-Cookie"]) == (401, None)
    assert "unknown, expired or revoked" in PageText(reply).words


def test_a_form_of_another_kind_is_no_login(gateway: RunningGateway) -> None:
    reply = BrowserClient(gateway).post(
        "/ui/login", f'{{"token": "{gateway.token}"}}'.encode(), Content_Type="application/json"
    )

    assert reply.status == 401


@pytest.mark.parametrize("path", ["/ui/login", "/ui/logout"])
@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
    ],
)
def test_forms_of_other_sites_are_refused(
    gateway: RunningGateway, admin: BrowserClient, path: str, headers: dict[str, str]
) -> None:
    reply = admin.post(path, {"token": gateway.token}, **headers)

    assert (reply.status, reply.headers["Set-Cookie"]) == (403, None)
    assert admin.get("/ui").status == 200


def test_forms_of_its_own_pages_are_taken(gateway: RunningGateway) -> None:
    origin = {"Origin": f"http://127.0.0.1:{gateway.port}"}
    for headers in (origin, {"Origin": "http://proxied", "Sec_Fetch_Site": "same-origin"}):
        form = {"token": gateway.token}
        assert BrowserClient(gateway).post("/ui/login", form, **headers).status == 303


@pytest.mark.parametrize(
    ("wanted", "address"),
    [
        ("/ui/sessions?period=24h&model=a%20b", "/ui/sessions?period=24h&model=a%20b"),
        ("/ui/session?id=1&user_id=2", "/ui/session?id=1&user_id=2"),
        ("//evil.example/ui", "/ui"),
        ("https://evil.example", "/ui"),
        ("/ui/../x", "/ui"),
        ("/ui/sessions?a\r\nSet-Cookie: x=y", "/ui"),
        ("/ui\\@evil.example", "/ui"),
        ("/ui/logout", "/ui"),
    ],
)
def test_a_login_leads_to_the_page_that_was_asked_for(
    gateway: RunningGateway, wanted: str, address: str
) -> None:
    reply = BrowserClient(gateway).log_in(gateway.token, next=wanted)

    assert (reply.status, reply.headers["Location"]) == (303, address)


def test_logging_out_ends_the_login_for_whoever_has_the_cookie(
    gateway: RunningGateway, admin: BrowserClient
) -> None:
    stolen = BrowserClient(gateway, admin.cookie)
    assert stolen.get("/ui").status == 200

    reply = admin.post("/ui/logout")

    assert (reply.status, admin.cookie) == (303, "")
    assert stolen.get("/ui").status == 401


def test_a_new_login_ends_the_one_before(gateway: RunningGateway, admin: BrowserClient) -> None:
    before = BrowserClient(gateway, admin.cookie)

    admin.log_in(gateway.token)

    assert admin.get("/ui").status == 200
    assert before.get("/ui").status == 401


def test_revoking_a_token_ends_its_logins(gateway: RunningGateway, recorded: Recorded) -> None:
    _, token = recorded.user("ada")
    browser = BrowserClient(gateway)
    browser.log_in(token)
    (listed,) = api(gateway, "/api/v2/users/ada/keys/tokens")

    ask(gateway, f"/api/v2/users/ada/keys/{listed['id']}", method="DELETE")

    assert browser.get("/ui").status == 401


def test_a_login_runs_out(gateway: RunningGateway, recorded: Recorded) -> None:
    now = datetime.now(UTC)
    token = Secret(gateway.token)
    keys = [
        recorded.database.write(lambda c, until=until: add_login(c, token, now, until))
        for until in (now + timedelta(hours=1), now)
    ]

    statuses = [BrowserClient(gateway, key.reveal()).get("/ui").status for key in keys]

    assert statuses == [200, 401]


def test_users_see_what_is_theirs_and_admins_all(
    gateway: RunningGateway, admin: BrowserClient, recorded: Recorded
) -> None:
    ids = {}
    for name in ("ada", "bob"):
        ids[name], _ = recorded.user(name)
        who = {"initiator": name, "initiator_id": ids[name]}
        recorded.add(f"prompt of {name}", client_session_id="same", model=f"{name}s-model", **who)
        recorded.add(f"more of {name}", outcome=Outcome.FAILED, error=f"{name}s-error", **who)
    ada = BrowserClient(gateway)
    ada.log_in(recorded.user("ada")[1])

    for path in PAGES:
        words, all_words = ada.page(path).words, admin.page(path).words
        assert "bob" not in words
        assert ("User Any" in words, "User Any" in all_words) == (False, True)
        assert "bob" in all_words
    of_bob = f"/ui/session?id=same&user_id={ids['bob']}"
    assert "prompt of bob" in admin.page(of_bob).words
    assert "prompt of ada" not in admin.page(of_bob).words
    assert ada.get(of_bob).status == 404
    assert "prompt of ada" in ada.page(f"/ui/session?id=same&user_id={ids['ada']}").words
    assert "prompt of ada" in ada.page("/ui/session?id=same").words
    assert "prompt of bob" in admin.page("/ui/session?id=same").words
    assert ada.get("/ui/live").body != admin.get("/ui/live").body


def test_lists_have_filters_and_pages(admin: BrowserClient, recorded: Recorded) -> None:
    for number in range(30):
        model = "odd model" if number % 2 else "even&model"
        recorded.add(f"prompt number {number};", client_session_id=f"s-{number}", model=model)

    def shown(path: str) -> list[int]:
        return [int(found) for found in re.findall(r"prompt number (\d+);", admin.page(path).words)]

    assert shown("/ui/sessions") == list(range(29, 4, -1))
    (following,) = [
        link for link in admin.page("/ui/sessions").links("/ui/sessions?") if "page" in link
    ]
    assert shown(following) == [4, 3, 2, 1, 0]
    assert shown("/ui/sessions?model=odd+model") == list(range(29, 0, -2))
    assert shown(
        "/ui/sessions?model=even%26model&user=ada&client=Codex&provider_name=openai&outcome=completed"
    ) == list(range(28, -1, -2))
    assert shown("/ui/sessions?model=none") == []
    assert shown("/ui/sessions?outcome=failed") == []
    assert "30 sessions in the last 24 hours" in admin.page("/ui/sessions?period=24h").words
    (link,) = admin.page("/ui").links("/ui/sessions?model=even")
    assert shown(link) == list(range(28, -1, -2))


@pytest.mark.parametrize(
    "query", ["period=x", "page=0", "page=x", "page=99999999", "outcome=good", "page=-1"]
)
@pytest.mark.parametrize("path", ["/ui/sessions", "/ui/errors"])
def test_what_cannot_be_asked(admin: BrowserClient, path: str, query: str) -> None:
    reply = admin.get(f"{path}?{query}")

    assert reply.status == 400
    assert "There is no such" in PageText(reply).words


@pytest.mark.parametrize(
    "query", ["model=%00", "model=%ED%A0%80", "model=%FF", "model=" + "x" * 5000, "period=&model="]
)
def test_any_filter_is_only_a_filter(admin: BrowserClient, query: str) -> None:
    assert [admin.get(f"{path}?{query}").status for path in PAGES] == [200, 200, 200]
    assert admin.get(f"/ui/session?id=x&{query}").status == 404


def test_figures_and_cost(admin: BrowserClient, recorded: Recorded) -> None:
    # $0.10 a million new, $0.01 cached, $0.50 written.
    recorded.add("a", model="gpt-6-luna", tokens=(2_000_000, 1_000_000, 400_000))
    recorded.add("b", model="gpt-6-luna", tokens=(0, 0, 0), outcome=Outcome.FAILED)
    recorded.add("c", model="of-no-price", tokens=(1_000, 0, 0))

    page = admin.page("/ui")

    assert (
        "Sessions 3 Requests 3 Running now 0 Failed 1 33.3 % Tokens 3.4M "
        "Cost $0.41 without 1 model" in page.words
    )
    assert "Input 2M Cached input 1M Output 400k" in page.words
    assert "gpt-6-luna 2 1 2,000,000 1,000,000 400,000 $0.41" in page.words
    assert "of-no-price 1 0 1,000 0 0 \N{EN DASH}" in page.words
    charts = [svg for svg in page.named("svg") if svg.get("role") == "img"]
    assert [svg["aria-labelledby"] for svg in charts] == ["chart-tokens-title", "chart-cost-title"]
    bars = [
        rect
        for rect in page.named("rect")
        if (rect["class"] or "").startswith("series-") and "x" in rect
    ]
    assert [rect["class"] for rect in bars] == ["series-1", "series-2", "series-3", "series-1"]
    heights = [float(rect["height"] or 0) for rect in bars]
    assert heights[0] / heights[1] == pytest.approx(2.001, abs=0.01)


def test_errors_by_kind_lead_to_their_sessions(admin: BrowserClient, recorded: Recorded) -> None:
    for number in range(3):
        recorded.add(
            f"slow {number};", outcome=Outcome.FAILED, status=429, error="upstream status 429"
        )
    recorded.add("gone;", outcome=Outcome.CANCELLED, status=None)
    recorded.add("fine;")

    page = admin.page("/ui/errors")

    assert "Failed 3 Cancelled 1 Interrupted 0" in page.words
    assert "failed upstream status 429 429 3 20" in page.words
    assert "cancelled (nothing said) none 1 20" in page.words
    (link,) = page.links("/ui/sessions?outcome=failed")
    assert re.findall(r"\w+ ?\d*;", admin.page(link).words) == ["slow 2;", "slow 1;", "slow 0;"]


def test_a_session_with_threads_thoughts_and_tool_calls(
    admin: BrowserClient, recorded: Recorded
) -> None:
    first = recorded.add(
        "list the files",
        client_session_id="s/1 %?",
        tools=(("exec_command", '{"cmd": "ls"}'), ("apply_patch", '"*** Begin\\n+x"')),
        thoughts=("I look first.",),
    )
    recorded.add("", client_session_id="s/1 %?", correlating_tool_call_id=f"{first} 0")
    for number in range(10):
        recorded.add(f"thread {number};", client_session_id="s/1 %?")

    (link, *_) = admin.page("/ui/sessions").links("/ui/session?")
    page = admin.page(link)

    assert link == "/ui/session?id=s%2F1+%25%3F&user_id=id+of+ada"
    assert "Threads 11" in page.words
    assert "Thread 1 list the files" in page.words
    assert (
        'Thinks I look first. Calls exec_command { "cmd": "ls" } Calls apply_patch *** Begin +x'
        in page.words
    )
    assert "0.5 s status 200 100 input, 50 cached, 20 output" in page.words
    assert "thread 8;" in page.words
    assert "thread 9;" not in page.words
    (following,) = [link for link in page.links("/ui/session?") if "page=2" in link]
    assert "Thread 11 thread 9;" in admin.page(following).words


def test_of_a_long_thread_the_end_is_shown(admin: BrowserClient, recorded: Recorded) -> None:
    call = None
    for number in range(103):
        tools = (("exec", f'"step {number};"'),)
        name = recorded.add(
            "go" if call is None else "",
            client_session_id="s",
            correlating_tool_call_id=call,
            tools=tools,
        )
        call = f"{name} 0"

    words = admin.page("/ui/session?id=s&user_id=id+of+ada").words

    assert "Thread 1 go The first 3 requests are left out" in words
    assert re.findall(r"step (\d+);", words) == [str(number) for number in range(3, 103)]


def test_what_runs_is_shown(admin: BrowserClient, recorded: Recorded) -> None:
    before = admin.get("/ui/live").body
    write_records(recorded.database, "", [interception_start("r", datetime.now(UTC))])

    assert "Running now 1" in admin.page("/ui").words
    assert "running (no prompt)" in admin.page("/ui/sessions").words
    assert admin.get("/ui/live").body != before
    (live,) = [entry for entry in admin.page("/ui").named("div") if entry.get("id") == "live"]
    assert live["data-version"] == admin.get("/ui/live").body.decode()


def test_hostile_text_is_shown_as_text(admin: BrowserClient, recorded: Recorded) -> None:
    texts = [
        HOSTILE,
        "'\"></title></textarea>",
        "\N{GRINNING FACE}\N{HEBREW LETTER ALEF}",
        "\ud800\0\x1b[31m",
    ]
    for text in texts:
        user, _ = recorded.user(text.replace("\0", "").replace("\ud800", "") or "x")
        recorded.add(
            text,
            model=text,
            client=text,
            provider=text,
            initiator=text,
            initiator_id=user,
            client_session_id=text,
            outcome=Outcome.FAILED,
            error=text,
            credential_hint=text,
            tools=((text, f'"{HOSTILE[:8]}"'), (text, text)),
            thoughts=(text,),
        )

    sessions = admin.page("/ui/sessions")
    pages = [admin.page(path) for path in ("/ui", "/ui/errors", *sessions.links("/ui/session?"))]

    assert len(pages) == 2 + len(texts)
    for page in (sessions, *pages):
        scripts = page.named("script")
        assert [
            bool(re.fullmatch(r"/ui/static/live\.js\?v=[0-9a-f]{12}", entry["src"] or ""))
            for entry in scripts
        ] == [True]
        assert page.named("img") == []
        for _, attributes in page.elements:
            assert not [name for name in attributes if name.startswith("on") or name == "style"]
    for page in (sessions, *pages[:2]):
        assert HOSTILE in page.words
        assert "\N{GRINNING FACE}\N{HEBREW LETTER ALEF}" in page.words


def test_keys_that_were_pasted_are_hidden(admin: BrowserClient, recorded: Recorded) -> None:
    key = "sk-proj-1234567890abcdefghij"
    recorded.add(f"use {key}", tools=(("exec", f'{{"cmd": "curl -H {key}"}}'),), thoughts=(key,))

    sessions = admin.get("/ui/sessions")
    (link,) = PageText(sessions).links("/ui/session?")
    session = admin.get(link)

    for reply in (sessions, session, admin.get("/ui")):
        assert key.encode() not in reply.body
        assert b"use sk-p...ghij" in reply.body or reply is session
    assert session.body.count(b"sk-p...ghij") == 3


def test_every_answer_is_strict(gateway: RunningGateway, admin: BrowserClient) -> None:
    paths = [*PAGES, "/ui/live", "/ui/session?id=x", "/ui?period=x", "/ui/"]
    replies = [admin.get(path) for path in paths] + [BrowserClient(gateway).get("/ui")]

    for reply in replies:
        policy = reply.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert reply.headers["Cache-Control"] == "no-store"
        assert reply.headers["X-Content-Type-Options"] == "nosniff"
        assert b"http://" not in reply.body.replace(b"http://www.w3.org/2000/svg", b"")
        assert b"https://" not in reply.body


def test_the_files_that_pages_bring_along(gateway: RunningGateway, admin: BrowserClient) -> None:
    page = admin.page("/ui")
    files = [entry["href"] or "" for entry in page.named("link")] + [
        entry["src"] or "" for entry in page.named("script")
    ]

    found = {path.split("?")[0]: BrowserClient(gateway).get(path) for path in files}

    assert {path: reply.headers["Content-Type"] for path, reply in found.items()} == {
        "/ui/static/icon.svg": "image/svg+xml; charset=utf-8",
        "/ui/static/dashboard.css": "text/css; charset=utf-8",
        "/ui/static/live.js": "text/javascript; charset=utf-8",
    }
    assert {reply.status for reply in found.values()} == {200}


def test_the_rest_below_its_path_stays_the_gateways(gateway: RunningGateway) -> None:
    for path in ("/ui/static/../web.py", "/ui/static/x", "/ui/v1/responses", "/uix"):
        reply = BrowserClient(gateway).get(path, Authorization=f"Bearer {gateway.token}")
        assert (reply.status, reply.headers["Content-Type"]) == (404, "text/plain; charset=utf-8")
        assert b"route not supported" in reply.body


def test_many_first_requests_at_once(gateway: RunningGateway) -> None:
    paths = GETS * 4
    with ThreadPoolExecutor(len(paths)) as clients:
        replies = list(clients.map(lambda path: BrowserClient(gateway).get(path), paths))

    expected = {"/ui/": 303, **{f"/ui/static/{name}": 200 for name in STATIC_TYPES}}
    assert [reply.status for reply in replies] == [expected.get(path, 401) for path in paths]

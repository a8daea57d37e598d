"""Codex from a release archive, from npm and from the image, with all that can go wrong."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import http.server
import os
import signal
import subprocess
import tarfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.support.codex_module import Start, script_with, start, start_environment
from tests.support.codex_release import TARGET, pack_release, release_settings
from tests.support.loopback import closed_port
from tests.support.loopback import serving as answering
from tests.support.module_client import image_with_codex

pytestmark = [pytest.mark.needs_codex, pytest.mark.needs_terraform]

VERSION = "0.134.0"
TOOLS = [
    "awk",
    "base64",
    "bash",
    "cat",
    "chmod",
    "cmp",
    "codex",
    "cp",
    "curl",
    "find",
    "flock",
    "grep",
    "gzip",
    "ln",
    "mkdir",
    "mktemp",
    "mv",
    "node",
    "npm",
    "printenv",
    "readlink",
    "rm",
    "sed",
    "sh",
    "sha256sum",
    "sleep",
    "tar",
    "tee",
    "uname",
]


@dataclass
class Mirror:
    """A server of archives; `stall` makes it stop in the middle of the next ones."""

    url: str
    sha256: str
    asked: list[str] = field(default_factory=list)
    stall: threading.Event = field(default_factory=threading.Event)
    let_go: threading.Event = field(default_factory=threading.Event)

    def settings(self, **more: str) -> dict[str, str]:
        return release_settings(self.url, VERSION, self.sha256) | more


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return pack_release(VERSION, tmp_path_factory.mktemp("mirror"))


@pytest.fixture
def mirror(archive: Path) -> Iterator[Mirror]:
    class Handler(http.server.SimpleHTTPRequestHandler):
        def do_GET(self) -> None:
            mirror.asked.append(self.path)
            if not mirror.stall.is_set():
                return super().do_GET()
            self.send_response(200)
            self.send_header("Content-Length", str(archive.stat().st_size))
            self.end_headers()
            self.wfile.write(archive.read_bytes()[:1000])
            self.wfile.flush()
            mirror.let_go.wait(60)
            return None

        def log_message(self, *_: object) -> None:
            return

    handler = functools.partial(Handler, directory=str(archive.parents[1]))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.handle_error = lambda *_: None  # type: ignore[method-assign]
    digest = hashlib.sha256(archive.read_bytes()).hexdigest()
    mirror = Mirror(f"http://127.0.0.1:{server.server_port}", digest)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield mirror
    mirror.let_go.set()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "home"
    folder.mkdir()
    return folder


def installed(home: Path) -> list[str]:
    """Return the names in the folder of installs, without their random ends."""
    share = home / ".local/share/provisioner-codex"
    return [path.name.rsplit(".", 1)[0] for path in share.iterdir()]


def says(home: Path) -> str:
    command = [home / ".local/bin/codex", "--version"]
    return subprocess.run(
        command, capture_output=True, text=True, check=True, env=start_environment(home)
    ).stdout


def tools(folder: Path, *missing: str) -> str:
    """Make a PATH of the system's tools without some."""
    folder.mkdir()
    for name in TOOLS:
        if name not in {*missing, "codex"}:
            (folder / name).symlink_to(f"/usr/bin/{name}")
    return str(folder)


def test_a_release_is_installed_once(home: Path, mirror: Mirror, tmp_path: Path) -> None:
    shown = tmp_path / "shown"
    shown.mkdir()
    script = script_with(**mirror.settings())

    first = start(script, home, CODER_SCRIPT_BIN_DIR=str(shown))
    second = start(script, home, CODER_SCRIPT_BIN_DIR=str(shown))

    assert (first.returncode, second.returncode) == (0, 0), first.stdout + second.stdout
    assert mirror.asked == [f"/{VERSION}/codex-package-{TARGET}.tar.gz"]
    assert f"codex: installed Codex {VERSION}" in first.stdout
    assert f"codex: Codex {VERSION} is there" in second.stdout
    assert says(home) == f"codex-cli {VERSION}\n"
    assert installed(home) == [VERSION]
    (folder,) = (home / ".local/share/provisioner-codex").iterdir()
    assert sorted(path.name for path in folder.iterdir()) == [
        "bin",
        "codex-package.json",
        "codex-path",
        "codex-resources",
    ]
    assert (shown / "codex").resolve() == folder / "bin" / "codex"


def test_a_wrong_checksum_changes_nothing(home: Path, mirror: Mirror) -> None:
    (home / ".local/bin").mkdir(parents=True)
    (home / ".local/bin/codex").write_text("#!/bin/sh\necho codex-cli 0.1.0\n")
    (home / ".local/bin/codex").chmod(0o755)
    wrong = f"{TARGET} {'0' * 64}"

    done = start(script_with(**mirror.settings(ARTIFACT_SHA256=wrong)), home)

    assert done.returncode == 1
    assert (
        f"has the checksum {mirror.sha256}, and artifact_sha256 says {'0' * 64}: nothing was unpacked"
        in done.stdout
    )
    assert says(home) == "codex-cli 0.1.0\n"
    assert installed(home) == []
    assert (home / ".codex/config.toml").exists()

    good = start(script_with(**mirror.settings()), home)

    assert "codex.before-provisioner now" in good.stdout
    assert says(home) == f"codex-cli {VERSION}\n"
    assert "0.1.0" in (home / ".local/bin/codex.before-provisioner").read_text()


def test_what_is_no_package_is_refused(home: Path, archive: Path, mirror: Mirror) -> None:
    lone = archive.parent / "lone.tar.gz"
    with tarfile.open(lone, "w:gz", compresslevel=1) as packed:
        packed.add("/bin/true", f"codex-{TARGET}")
    sums = f"{TARGET} {hashlib.sha256(lone.read_bytes()).hexdigest()}"
    url = f"{mirror.url}/{VERSION}/lone.tar.gz"
    no_program = start(script_with(**mirror.settings(ARTIFACT_URL=url, ARTIFACT_SHA256=sums)), home)
    other = start(
        script_with(
            **mirror.settings(
                ARTIFACT_URL=f"{mirror.url}/{VERSION}/{archive.name}", VERSION="0.140.0"
            )
        ),
        home,
    )
    elsewhere = start(
        script_with(**mirror.settings(ARTIFACT_SHA256="riscv64-unknown-linux-musl 00")), home
    )
    gone = start(script_with(**mirror.settings(ARTIFACT_URL=f"{mirror.url}/gone.tar.gz")), home)

    assert {done.returncode for done in (no_program, other, elsewhere, gone)} == {1}
    assert (
        f"codex: error: {url} has no bin/codex: it must be a codex-package archive"
        in no_program.stdout
    )
    assert "codex: error: what was installed does not say it is Codex 0.140.0" in other.stdout
    assert f"codex: error: artifact_sha256 has no entry for {TARGET}" in elsewhere.stdout
    assert f"codex: error: cannot download {mirror.url}/gone.tar.gz" in gone.stdout
    assert installed(home) == []


SLOW_TAR = '#!/bin/sh\n/usr/bin/tar "$@" && : > "$HOME/unpacked" && exec sleep 60\n'


@contextlib.contextmanager
def started(script: str, home: Path, *bins: Path) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        ["/usr/bin/env", "bash", "-c", script],
        cwd=home,
        env=start_environment(home, *bins),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as process:
        yield process


@pytest.mark.parametrize("during", ["download", "unpack"])
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_an_install_that_was_cut_short_is_made_again(
    during: str, how: signal.Signals, home: Path, mirror: Mirror, tmp_path: Path
) -> None:
    slow = tmp_path / "slow"
    slow.mkdir()
    if during == "unpack":
        (slow / "tar").write_text(SLOW_TAR)
        (slow / "tar").chmod(0o755)
    else:
        mirror.stall.set()
    script = script_with(**mirror.settings())
    with started(script, home, slow) as process:
        deadline = time.monotonic() + 60
        while not (mirror.asked if during == "download" else (home / "unpacked").exists()):
            assert time.monotonic() < deadline
            time.sleep(0.02)
        os.killpg(process.pid, how)
    assert process.returncode != 0
    assert not (home / ".local/bin/codex").is_symlink()
    assert installed(home) == ([VERSION] if how is signal.SIGKILL else [])
    mirror.stall.clear()

    done = start(script, home)

    assert done.returncode == 0, done.stdout
    assert says(home) == f"codex-cli {VERSION}\n"
    assert installed(home) == [VERSION]


@pytest.mark.parametrize("missing", [(), ("flock",)], ids=["with a lock", "without flock"])
def test_two_starts_at_once_do_no_harm(
    missing: tuple[str, ...], home: Path, mirror: Mirror, tmp_path: Path
) -> None:
    script = script_with(**mirror.settings())
    environment = start_environment(home, PATH=tools(tmp_path / "tools", *missing))
    both = [
        subprocess.Popen(
            ["/bin/bash", "-c", script],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    said = [process.communicate(timeout=120)[0] for process in both]

    assert [process.returncode for process in both] == [0, 0], said
    assert says(home) == f"codex-cli {VERSION}\n"
    if not missing:
        assert len(mirror.asked) == 1
        assert installed(home) == [VERSION]
        assert "codex: another start is at work in this home; waiting for it" in "".join(said)


@pytest.mark.parametrize("locks", ["flock", "false"])
def test_what_no_link_leads_to_goes_when_nobody_can_be_at_work_on_it(
    locks: str, home: Path, tmp_path: Path
) -> None:
    """Where `flock` does not work, another start could be: only what is a day old goes."""
    share = home / ".local/share/provisioner-codex"
    for name in ("0.1.0.old", "0.1.0.new"):
        (share / name).mkdir(parents=True)
    os.utime(share / "0.1.0.old", (0, 0))
    bins = image_with_codex(tmp_path / "image")
    if locks == "false":
        (bins / "flock").symlink_to("/bin/false")

    assert start(script_with(), home, bins).returncode == 0
    assert [path.name for path in share.iterdir()] == (["0.1.0.new"] if locks == "false" else [])


@pytest.mark.parametrize("missing", ["curl", "tar", "gzip", "sha256sum"])
def test_a_tool_that_a_release_needs_is_named(
    missing: str, home: Path, mirror: Mirror, tmp_path: Path
) -> None:
    done = start(script_with(**mirror.settings()), home, PATH=tools(tmp_path / "tools", missing))

    assert done.returncode == 1
    assert f'codex: error: "{missing}" is not on PATH: install ' in done.stdout


@pytest.mark.parametrize("missing", ["npm", "node"])
def test_a_tool_that_npm_needs_is_named(missing: str, home: Path, tmp_path: Path) -> None:
    done = start(script_with(SOURCE="npm"), home, PATH=tools(tmp_path / "tools", missing))

    assert done.returncode == 1
    assert f'codex: error: "{missing}" is not on PATH: ' in done.stdout
    assert "nstall Node.js in the image" in done.stdout


def npm(home: Path, **settings: str) -> Start:
    """Start with the npm cache and configuration of whoever runs the tests."""
    own = {name: value for name, value in os.environ.items() if name.lower().startswith("npm_")}
    user = Path.home()
    own |= {"npm_config_cache": str(user / ".npm"), "npm_config_userconfig": str(user / ".npmrc")}
    own |= {"npm_config_prefer_offline": "true", "npm_config_fetch_retries": "0"}
    return start(script_with(SOURCE="npm", VERSION=VERSION, **settings), home, **own)


def test_npm_installs_once_and_the_image_takes_over(home: Path, tmp_path: Path) -> None:
    first, second = npm(home), npm(home)

    assert (first.returncode, second.returncode) == (0, 0), first.stdout + second.stdout
    assert f"codex: installed Codex {VERSION}" in first.stdout
    assert f"codex: Codex {VERSION} is there" in second.stdout
    assert says(home) == f"codex-cli {VERSION}\n"
    assert installed(home) == [VERSION]

    bins = image_with_codex(tmp_path / "image")
    done = start(script_with(SOURCE="image", VERSION=VERSION), home, bins)

    assert done.returncode == 0, done.stdout
    assert (
        f"codex: warning: the image has 0.169.0, and the template is made for Codex {VERSION}"
        in done.stdout
    )
    assert not (home / ".local/bin/codex").is_symlink()
    assert installed(home) == []


def test_a_registry_without_it_is_said(home: Path) -> None:
    with answering(lambda _: (404, {}, "{}")) as registry:
        done = npm(home, ARTIFACT_URL=f"{registry.url}/npm/")
    unreachable = npm(home, ARTIFACT_URL=closed_port())

    assert (done.returncode, unreachable.returncode) == (1, 1)
    assert [request.path for request in registry.requests] == ["/npm/@openai%2fcodex"]
    for output in (done.stdout, unreachable.stdout):
        assert (
            f"codex: error: npm cannot install @openai/codex@{VERSION}: see what npm says" in output
        )
    assert installed(home) == []


def test_the_wanted_version_in_the_image_is_enough_if_it_is_whole(
    home: Path, mirror: Mirror, tmp_path: Path
) -> None:
    bins = image_with_codex(tmp_path / "image", VERSION)
    whole = start(script_with(**mirror.settings()), home, bins)
    program = next(
        bins.joinpath("codex").resolve().parents[2].glob("codex-linux-*/vendor/*/bin/codex")
    )
    (bins / "codex").unlink()
    (bins / "codex").symlink_to(program)
    alone = start(script_with(**mirror.settings()), home, bins)

    assert f"codex: Codex {VERSION} is there" in whole.stdout
    assert f"codex: installed Codex {VERSION}" in alone.stdout
    assert len(mirror.asked) == 1


def test_an_image_without_codex_or_with_a_broken_one_is_said(home: Path, tmp_path: Path) -> None:
    path = tools(tmp_path / "tools")
    missing = start(script_with(), home, PATH=path)
    (tmp_path / "tools/codex").symlink_to("/bin/false")
    broken = start(script_with(), home, PATH=path)

    assert (missing.returncode, broken.returncode) == (1, 1)
    assert (
        "codex: error: the image has no codex on PATH: add it to the image, or set install_source"
        in missing.stdout
    )
    assert f"codex: error: {path}/codex of the image does not run" in broken.stdout

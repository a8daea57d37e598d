"""The archive of a Codex release, made of what npm brought, and a server that has it."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import http.server
import os
import tarfile
import threading
from collections.abc import Iterator
from pathlib import Path

from provisioner.launch.codex_install import install_codex

__all__ = ["TARGET", "pack_release", "release_settings", "serving_release"]

TARGET = os.uname().machine + "-unknown-linux-musl"


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        return


def pack_release(version: str, folder: Path) -> Path:
    """Pack Codex as the release does, where a mirror has it: the package has the same folders."""
    packages = install_codex(version).parents[1] / "@openai"
    (vendor,) = packages.glob(f"codex-linux-*/vendor/{TARGET}")
    path = folder / version / f"codex-package-{TARGET}.tar.gz"
    path.parent.mkdir()
    with tarfile.open(path, "w:gz", compresslevel=0) as packed:
        for item in sorted(vendor.iterdir()):
            packed.add(item, item.name)
    return path


def release_settings(url: str, version: str, sha256: str) -> dict[str, str]:
    """Return the settings of a script that takes Codex from the mirror at `url`."""
    return {
        "SOURCE": "release",
        "VERSION": version,
        "ARTIFACT_URL": f"{url}/{{version}}/codex-package-{{target}}.tar.gz",
        "ARTIFACT_SHA256": f"{TARGET} {sha256}",
    }


@contextlib.contextmanager
def serving_release(version: str, folder: Path) -> Iterator[dict[str, str]]:
    """Give the settings of a mirror in `folder` that has this version."""
    archive = pack_release(version, folder)
    handler = functools.partial(_Quiet, directory=str(folder))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    with archive.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    try:
        yield release_settings(f"http://127.0.0.1:{server.server_port}", version, sha256)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()

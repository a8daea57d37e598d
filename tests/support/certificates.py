"""Certificates of an authority that only a test knows, made with `openssl`."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

__all__ = ["Authority"]

_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
_SETTINGS = """\
[ca]
default_ca = here
[here]
database = index.txt
new_certs_dir = .
rand_serial = yes
unique_subject = no
default_md = sha256
policy = any
copy_extensions = copy
[any]
commonName = supplied
"""


class Authority:
    """Signs certificates; `certificate` is the file that makes one trust it."""

    def __init__(self, folder: Path) -> None:
        """Work in `folder`, which is empty."""
        if shutil.which("openssl") is None:
            pytest.skip("openssl is not on PATH")
        self._folder = folder
        self.certificate = folder / "authority.pem"
        (folder / "index.txt").touch()
        (folder / "settings").write_text(_SETTINGS)
        files = ("-keyout", "authority.key", "-out", "authority.pem")
        self._run("req", "-x509", *_KEY, "-days", "2", "-subj", "/CN=test authority", *files)

    def server(self, name: str = "IP:127.0.0.1", *, days: int = 1) -> ssl.SSLContext:
        """Return what a server needs to show a certificate for `name`, good for `days` from now.

        With less than 0 it ran out so many days ago.
        """
        number = len(list(self._folder.glob("*.csr")))
        key, request, signed = (self._folder / f"{number}.{end}" for end in ("key", "csr", "pem"))
        now = datetime.now(UTC)
        start, end = (f"{now + timedelta(days=d):%Y%m%d%H%M%SZ}" for d in (-9, days))
        alternative = f"subjectAltName={name}"
        files = ("-keyout", key, "-out", request)
        self._run("req", "-new", *_KEY, "-subj", "/CN=twin", "-addext", alternative, *files)
        by = ("-cert", "authority.pem", "-keyfile", "authority.key", "-config", "settings")
        when = ("-startdate", start, "-enddate", end)
        self._run("ca", "-batch", "-notext", *by, *when, "-in", request, "-out", signed)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(signed, key)
        return context

    def _run(self, *arguments: str | Path) -> None:
        command = ["openssl", *map(str, arguments)]
        subprocess.run(command, check=True, capture_output=True, cwd=self._folder)

"""Folders become archives that say nothing of the machine, and come back."""

from __future__ import annotations

import io
import os
import shutil
import tarfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioner.coder_api.archive import LIMIT, Entry, content_hash, folder_entries, pack, unpack
from provisioner.errors import InputError
from tests.support.tree import write_tree

NAMES = st.from_regex(r"[a-z0-9é_-]{1,30}(/[a-zA-Z0-9é]{1,40}){0,4}\.tf", fullmatch=True)
ENTRIES = st.dictionaries(
    NAMES, st.builds(Entry, st.binary(max_size=3_000), st.booleans()), max_size=8
)


def names_in(archive: bytes) -> list[str]:
    with tarfile.open(fileobj=io.BytesIO(archive)) as items:
        return [item.name for item in items]


def test_what_the_coder_cli_leaves_out_is_left_out(tmp_path: Path) -> None:
    kept = [
        ".terraform.lock.hcl",
        "build/.terraform.lock.hcl",
        "README.md",
        "build/Dockerfile",
        "build/terraform.tfvars",
        "main.tf",
        "my.tfvars",
    ]
    left_out = [
        ".git/config",
        ".env",
        ".terraform/providers/x",
        "build/.hidden/x",
        "build/old.auto.tfvars",
        "terraform.tfstate",
        "terraform.tfstate.backup",
        "terraform.tfstate.d/dev/main.tf",
        "terraform.tfvars",
        "terraform.tfvars.json",
        "x.auto.tfvars",
        "x.auto.tfvars.json",
    ]
    write_tree(tmp_path, dict.fromkeys([*kept, *left_out], "x"))

    assert sorted(folder_entries(tmp_path)) == sorted(kept)


def test_dates_owners_rights_and_place_leave_no_trace(tmp_path: Path) -> None:
    files = {"main.tf": "a", "run.sh": "b", "z/deep/er.tf": "c"}
    one, two = (
        write_tree(tmp_path / "one", files),
        write_tree(tmp_path / "t/w/o", dict(reversed(files.items()))),
    )
    (one / "run.sh").chmod(0o755)
    (two / "run.sh").chmod(0o700)
    (one / "main.tf").chmod(0o600)
    os.utime(one / "main.tf", (1, 1))
    shutil.copytree(one, tmp_path / "three")
    packed = {pack(folder_entries(folder)) for folder in (one, two, tmp_path / "three")}
    (archive,) = packed
    with tarfile.open(fileobj=io.BytesIO(archive)) as items:
        told = {item.name: (item.mode, item.mtime, item.uid, item.uname) for item in items}

    assert told == {
        "z": (0o755, 0, 0, ""),
        "z/deep": (0o755, 0, 0, ""),
        "main.tf": (0o644, 0, 0, ""),
        "run.sh": (0o755, 0, 0, ""),
        "z/deep/er.tf": (0o644, 0, 0, ""),
    }
    assert names_in(archive) == ["z", "z/deep", "main.tf", "run.sh", "z/deep/er.tf"]


@given(ENTRIES)
def test_what_is_packed_comes_back(entries: dict[str, Entry]) -> None:
    assert unpack(pack(entries)) == entries


@given(ENTRIES, ENTRIES)
def test_only_the_same_content_has_the_same_hash(
    one: dict[str, Entry], two: dict[str, Entry]
) -> None:
    assert content_hash(one) == content_hash(dict(reversed(one.items())))
    assert (content_hash(one) == content_hash(two)) == (one == two)


def test_a_link_to_a_file_of_the_folder_is_that_file(tmp_path: Path) -> None:
    write_tree(tmp_path, {"main.tf": "x", "real/a.txt": "content"})
    (tmp_path / "link.txt").symlink_to("real/a.txt")

    assert folder_entries(tmp_path)["link.txt"] == Entry(b"content")


def test_what_coder_would_lose_is_refused(tmp_path: Path) -> None:
    folder = write_tree(tmp_path / "t", {"main.tf": "x"})
    write_tree(tmp_path, {"outside.txt": "x"})
    link = folder / "link"
    for target, words in (("../outside.txt", "outside of the folder"), (".", "is no file")):
        link.symlink_to(target)
        with pytest.raises(InputError, match=words):
            folder_entries(folder)
        link.unlink()
    os.mkfifo(link)
    with pytest.raises(InputError, match="is no file"):
        folder_entries(folder)
    link.unlink()
    write_tree(folder, {"a..b.tf": "x"})
    with pytest.raises(InputError, match="rename it"):
        folder_entries(folder)


@pytest.mark.parametrize("files", [{}, {"README.md": "x"}, {"sub/main.tf": "x"}])
def test_a_folder_without_terraform_is_no_template(tmp_path: Path, files: dict[str, str]) -> None:
    write_tree(tmp_path, files)
    with pytest.raises(InputError, match=r"holds no \.tf file"):
        folder_entries(tmp_path)


def test_an_archive_stays_below_coders_limit() -> None:
    fits = {"main.tf": Entry(b"x" * (LIMIT - 20_480))}
    assert len(pack(fits)) < LIMIT
    with pytest.raises(InputError, match="largest file is big"):
        pack({"big": Entry(b"x" * LIMIT), "main.tf": Entry(b"")})


@pytest.mark.parametrize("data", [b"PK\x03\x04" + bytes(600), b"x", b"x" * 2_000])
def test_what_is_no_tar_is_refused(data: bytes) -> None:
    with pytest.raises(InputError, match="not a tar archive"):
        unpack(data)

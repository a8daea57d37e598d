"""Apply twice, then undo: the home is as it was, whatever was in it."""

from __future__ import annotations

import tempfile
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, event, given, settings
from hypothesis import strategies as st

from provisioner.codex_home.apply import apply_files
from provisioner.codex_home.managed_block import MANAGED_END, MANAGED_START
from provisioner.codex_home.model import Applied, RefusedError
from provisioner.codex_home.toml_values import dotted, leaves, same
from provisioner.codex_home.undo import undo
from provisioner.errors import InputError
from tests.unit.codex_home.homes import CONFIG, FILES, times, tree

ROOT_LINES = [
    ['model = "gpt-5.5"', "'model' = 'o3'  # mine", '"model"="""o\n3"""', "model = [\n  1, # ]\n]"],
    ['model_provider = "openai"', '"model_provider" = "ai_gateway"'],
    ['instructions = """\n[model_providers.ai_gateway]\n# "quoted" \\\\ text\n"""', "a.b . c = 1"],
    ["notify = [\n  'x', # comment ]\n  { k = '}' },\n]", "when = 1979-05-27 07:32:00", "n = nan"],
    ["'odd key' = 1", '"é\\t" . x = 2', "1234 = 0x1F", "flag=true#tight"],
    [
        "model_providers.ai_gateway.name = 'Mine'\nmodel_providers.other.name = 'x'",
        "model_providers = { 'ai_gateway' = { env_key = 'A', auth = {command = 'x'} }, o = {} }",
        "model_providers = {}",
        "model_providers = { ai_gateway.env_key = 'B' , ai_gateway.http_headers.a = 'b' }",
        "model_providers . other . base_url = 'https://example.com'",
    ],
    [
        "projects.'/home/coder'.trust_level = 'untrusted'",
        "projects.'/other' = { trust_level = '' }",
    ],
]
TABLES = [
    ["[tui]\nnotifications = true", "[ tui ] # header\n\tx = 1", "[[mcp]]\nx = 1\n[[mcp]]\ny = 2"],
    [
        "[model_providers.ai_gateway]\nname = 'Mine'\nexperimental_bearer_token = 'sk-not-a-real-one'",
        "[ 'model_providers' . \"ai_gateway\" ] # ours\n  name = 'x'\n  request_max_retries = 9",
        "[model_providers]\nai_gateway = { name = 'x', base_url = 'https://example.com' }",
        "[model_providers]\nai_gateway.name = 'x'\n# end",
        "[model_providers.ai_gateway]",
    ],
    ["[model_providers.ai_gateway.http_headers]\nAuthorization = 'Bearer none'\n# more"],
    ["[model_providers.ai_gateway.env_http_headers]\nX-Token = 'CODER_API_TOKEN'"],
    ["[model_providers.other]\nname = 'Other'", "[model_providers.'ai.gateway']\nname = 'no'"],
    ['[projects."/home/coder"]\ntrust_level = "trusted"', "[projects]\n'/home/coder'.x = 1"],
    ["[profiles.router]\nmodel = 'x'"],
]
BLOCKS = [
    "",
    "preferred_auth_method = 'apikey'",
    "model_provider = 'aigateway'\n[model_providers.aigateway]\nname = 'AI Gateway'",
    'model_provider = \'ai_gateway\'\n[projects."/home/coder"]\ntrust_level = "trusted"',
    "[model_providers.ai_gateway]\nname = 'Coder AI Gateway'",
]
NOISE = ["", "", "# a comment", "  # model = 'x'", "#:schema https://example.com", "\t"]


def is_toml(text: str) -> bool:
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return False
    return True


@st.composite
def configs(draw: st.DrawFn) -> bytes:
    """The bytes of a config.toml, nearly always valid."""
    noise = st.lists(st.sampled_from(NOISE), max_size=2)
    some_root = draw(st.lists(st.sampled_from(ROOT_LINES), unique_by=id, max_size=4))
    some_tables = draw(st.lists(st.sampled_from(TABLES), unique_by=id, max_size=4))
    parts = [[*draw(noise), draw(st.sampled_from(group))] for group in some_root]
    block = draw(st.none() | st.sampled_from(BLOCKS))
    tables = [[*draw(noise), draw(st.sampled_from(group))] for group in some_tables]
    if block is not None:
        managed = [MANAGED_START, block, *([MANAGED_END] * draw(st.integers(0, 9)))[:1]]
        parts += [managed, *tables] if draw(st.booleans()) else [*tables, managed]
    else:
        parts += tables
    text = "\n".join(line for part in parts for line in part) + draw(st.sampled_from(["", "\n"]))
    assume(is_toml(text) or draw(st.integers(0, 9)) == 9)
    if draw(st.integers(0, 3)) == 0:
        text = text.replace("\n", "\r\n")
    return draw(st.sampled_from(["", "", "\ufeff"])).encode() + text.encode()


@st.composite
def homes(draw: st.DrawFn) -> dict[str, tuple[bytes, int, bool]]:
    """Content, mode and whether it is a link, for each file that is there."""
    files = {}
    modes = st.sampled_from([0o600, 0o644, 0o640, 0o400, 0o666])
    for name in ("config.toml", "router.config.toml", "auth.json"):
        if name == "config.toml" or draw(st.booleans()):
            content = draw(configs()) if name != "auth.json" else b"{}"
            files[name] = content, draw(modes), draw(st.booleans())
    return files


def build(home: Path, files: dict[str, tuple[bytes, int, bool]]) -> None:
    elsewhere = home.parent / "dotfiles"
    elsewhere.mkdir()
    home.mkdir()
    for name, (content, mode, is_link) in files.items():
        path = elsewhere / name if is_link else home / name
        path.write_bytes(content)
        path.chmod(mode)
        if is_link:
            (home / name).symlink_to(path)


def data_of(content: bytes) -> dict[str, Any]:
    return tomllib.loads(content.decode().removeprefix("\ufeff"))


def assert_ours_and_theirs(
    before: bytes, after: bytes, rendered: str, applied: Applied, name: str
) -> None:
    old, new, ours = (dict(leaves(data_of(text))) for text in (before, after, rendered.encode()))
    changed = {change.key for change in applied.changes if change.file == name}

    for path, value in ours.items():
        assert same(new[path], value)
    for path, value in old.items():
        prefixes = [dotted(path[:length]) for length in range(1, len(path) + 1)]
        became_full = value == {} and any(other[: len(path)] == path for other in new)
        if not changed.intersection(prefixes) and not became_full:
            assert same(new[path], value)
    for path in new:
        prefixes = [dotted(path[:length]) for length in range(1, len(path) + 1)]
        assert path in old or path in ours or changed.intersection(prefixes)


def is_subsequence(old: str, new: str) -> bool:
    rest = iter(new)
    return all(character in rest for character in old)


def assert_rest_is_kept(before: bytes, after: bytes, applied: Applied, name: str) -> None:
    """Where keys were only added, taking away what is new gives what was there."""
    kinds = {change.kind for change in applied.changes if change.file == name}
    if kinds <= {"added"}:
        assert is_subsequence(before.decode(), after.decode())
    comments = [line for line in before.split(b"\n") if line.lstrip().startswith(b"#")]
    assert all(line in after for line in comments)


@settings(max_examples=500, deadline=None)
@given(homes(), st.integers(0, 3).map(bool))
def test_apply_twice_then_undo_gives_the_same_home(
    files: dict[str, tuple[bytes, int, bool]],
    force: bool,  # noqa: FBT001
) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        home = folder / "codex"
        build(home, files)
        original = tree(folder)
        try:
            applied = apply_files(home, FILES, force=force)
        except (RefusedError, InputError) as error:
            event(f"refused: {type(error).__name__}")
            assert tree(folder) == original
            return
        event(f"applied, forced: {force}")
        for file_name, rendered in FILES.items():
            before = files.get(file_name, (b"",))[0]
            after = (home / file_name).read_bytes()
            assert_ours_and_theirs(before, after, rendered, applied, file_name)
            assert_rest_is_kept(before, after, applied, file_name)
        there, moments = tree(folder), times(folder)

        assert apply_files(home, FILES).files == ()
        assert (tree(folder), times(folder)) == (there, moments)

        undo(home)
        assert tree(folder) == original


@settings(max_examples=100, deadline=None)
@given(
    homes(),
    st.permutations(
        [
            FILES,
            {"config.toml": CONFIG.replace("ai_gateway", "other")},
            {"config.toml": 'model = "o3"\n'},
        ]
    ),
)
def test_any_setups_one_after_the_other_can_be_undone(
    files: dict[str, tuple[bytes, int, bool]], setups: list[dict[str, str]]
) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        home = folder / "codex"
        build(home, files)
        original = tree(folder)
        for setup in setups:
            try:
                apply_files(home, setup, force=True)
            except (RefusedError, InputError):
                continue
            for file_name, rendered in setup.items():
                ours = dict(leaves(tomllib.loads(rendered)))
                found = dict(leaves(data_of((home / file_name).read_bytes())))
                assert ours.items() <= found.items()

        undo(home)
        assert tree(folder) == original


@settings(max_examples=100, deadline=None)
@given(configs())
def test_a_dry_run_touches_nothing_and_tells_what_apply_does(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        (home / "config.toml").write_bytes(content)
        original, moments = tree(home), times(home)
        try:
            foreseen = apply_files(home, FILES, dry_run=True)
        except (RefusedError, InputError) as error:
            with pytest.raises(type(error)):
                apply_files(home, FILES)
        else:
            assert (tree(home), times(home)) == (original, moments)
            assert apply_files(home, FILES) == foreseen

"""Each way of writing a config gets our keys at the right place, and keeps the rest to the byte."""

from __future__ import annotations

import pytest

from provisioner.codex_home.document import Document
from provisioner.codex_home.managed_block import MANAGED_END, MANAGED_START
from provisioner.codex_home.merge import merge
from provisioner.codex_home.model import RefusedError
from provisioner.codex_home.wanted import wanted_keys

ROOT = 'model = "new"\n'
TABLE = '[model_providers.gw]\nname = "GW"\nenv_key = "T"\n'


def merged(text: str, wanted: str) -> str:
    document = Document.parse("config.toml", text)
    result = merge("config.toml", document, wanted_keys(Document.parse("ours", wanted)), {})
    assert not [conflict for conflict in result.conflicts if not conflict.can_be_forced]
    return result.text


def conflicts(text: str, wanted: str) -> list[tuple[int, int, str, bool]]:
    document = Document.parse("config.toml", text)
    result = merge("config.toml", document, wanted_keys(Document.parse("ours", wanted)), {})
    return [
        (at.position.line, at.position.column, at.message, at.can_be_forced)
        for at in result.conflicts
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", 'model = "new"\n'),
        ("# about\n", '# about\nmodel = "new"\n'),
        ("# about", '# about\nmodel = "new"\n'),
        ("a = 1", 'a = 1\nmodel = "new"\n'),
        ("a = 1\r\n", 'a = 1\r\nmodel = "new"\r\n'),
        ("[tui]\n", 'model = "new"\n\n[tui]\n'),
        ("\n[tui]\n", '\nmodel = "new"\n\n[tui]\n'),
        ("# of tui\n[tui]\n", 'model = "new"\n\n# of tui\n[tui]\n'),
        ("# about\n\n# of tui\n[tui]\n", '# about\n\nmodel = "new"\n\n# of tui\n[tui]\n'),
        ("#:schema x\n[tui]\n", '#:schema x\nmodel = "new"\n\n[tui]\n'),
        ("a = [\n  1, # ]\n]  # end\n\n[tui]\n", 'a = [\n  1, # ]\n]  # end\nmodel = "new"\n\n[tui]\n'),
        ("a = '''\n[x]\nb = 1\n'''\n[tui]\n", "a = '''\n[x]\nb = 1\n'''\nmodel = \"new\"\n[tui]\n"),
        ('"model"  =  \'new\' # same\n', '"model"  =  \'new\' # same\n'),
        ("  model\t=\t'old' # why\r\n", '  model\t=\t"new" # why\r\n'),
        ("model.x = 1\n[model.y]\nz = 2\n[tui]\n", 'model = "new"\n[tui]\n'),
    ],
)  # fmt: skip
def test_a_root_key_stands_before_every_table(text: str, expected: str) -> None:
    assert merged(text, ROOT) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", TABLE),
        ("a = 1", f"a = 1\n\n{TABLE}"),
        ("a = 1\n\n", f"a = 1\n\n{TABLE}"),
        ("a = 1\r\n", f"a = 1\n\n{TABLE}".replace("\n", "\r\n")),
        ("[tui]\r\n\r\n", f"[tui]\n\n{TABLE}".replace("\n", "\r\n")),
        ("[model_providers]\n", f"[model_providers]\n\n{TABLE}"),
        (
            "[model_providers.gw.http_headers]\na = 'b'\n# kept\n[tui]\n",
            f"# kept\n[tui]\n\n{TABLE}",
        ),
        (
            "[ 'model_providers' . \"gw\" ] # mine\n\tname = 'x' # n\n\n# end\n[tui]",
            "[ 'model_providers' . \"gw\" ] # mine\n\tname = \"GW\" # n\n\tenv_key = \"T\"\n\n# end\n[tui]",
        ),
        (
            "[model_providers]\ngw.name = 'GW'\nother.name = 'x'\n",
            "[model_providers]\ngw.name = 'GW'\ngw.env_key = \"T\"\nother.name = 'x'\n",
        ),
        (
            "model_providers.gw.name = 'GW'\n",
            "model_providers.gw.name = 'GW'\nmodel_providers.gw.env_key = \"T\"\n",
        ),
        (
            "model_providers = { o = { a = '}' }, gw = { name='GW', http_headers = {} , base_url = '' } }\n",
            "model_providers = { o = { a = '}' }, gw = { name='GW', env_key = \"T\" } }\n",
        ),
        (
            "model_providers = { gw = { base_url = '', wire_api = '' } }",
            'model_providers = { gw = { name = "GW", env_key = "T" } }',
        ),
        ("model_providers = {}\n", 'model_providers = { gw.name = "GW", gw.env_key = "T" }\n'),
        (
            "[model_providers]\n'gw' = {name='GW'} # x\n",
            "[model_providers]\n'gw' = {name='GW', env_key = \"T\"} # x\n",
        ),
        (
            "model_providers = {gw.name = 'x', gw.auth.command = 'y'}",
            'model_providers = {gw.name = "GW", gw.env_key = "T"}',
        ),
    ],
)  # fmt: skip
def test_a_provider_table_is_completed_in_its_own_way_of_writing(text: str, expected: str) -> None:
    assert merged(text, TABLE) == expected


def test_only_harmless_keys_may_stand_beside_ours() -> None:
    text = (
        '[model_providers.gw]\nname = "GW"\nenv_key = "T"\nbase_url = "https://example.com"\n'
        "stream_max_retries = 9 # mine\nexperimental_bearer_token = 'sk-not-a-real-token'\n"
        'query_params = { v = "1" }\nmade_up = 1\n'
        "[model_providers.gw.http_headers]\nAuthorization = 'Bearer none'\n"
        "[[model_providers.gw.list]]\na = 1\n"
    )

    assert merged(text, TABLE) == f"{TABLE}stream_max_retries = 9 # mine\n"


def test_a_table_of_headers_is_replaced_as_a_whole() -> None:
    wanted = f'{TABLE}env_http_headers = {{A = "T"}}\n'
    text = f'{TABLE}[model_providers.gw.env_http_headers]\nA = "T"\n'

    assert merged(text, wanted) == text
    assert merged(f'{text}B = "T"\n', wanted) == wanted
    assert (
        merged(f'{TABLE}env_http_headers.A = "T"\n', wanted) == f'{TABLE}env_http_headers.A = "T"\n'
    )
    assert merged(
        text.replace("env_", ""), f'{TABLE}[model_providers.gw.http_headers]\nA = "1"\n'
    ) == (f'{TABLE}http_headers = {{ A = "1" }}\n')


def test_profiles_and_other_tables_are_merged_key_by_key() -> None:
    wanted = '[profiles.router]\nmodel = "new"\n[features]\nx = true\n'

    assert merged('[profiles.router]\nweb_search = "live"\n[features]\ny = true\n', wanted) == (
        '[profiles.router]\nweb_search = "live"\nmodel = "new"\n[features]\ny = true\nx = true\n'
    )


def test_what_is_not_ours_is_listed_with_its_place() -> None:
    text = (
        "model = 'old'\n\n[model_providers.gw]\n  name = \"GW\"\n"
        "  experimental_bearer_token = 'sk-not-a-real-token'\n"
    )

    assert conflicts(text, ROOT + TABLE) == [
        (1, 1, "model is 'old', and would become \"new\"", True),
        (3, 1, '[model_providers.gw] is not ours, and would get env_key = "T"', True),
        (
            5,
            3,
            'model_providers.gw.experimental_bearer_token is "sk...en", and would be removed',
            True,
        ),
    ]
    assert conflicts("model = 'new'\n[tui]\n", ROOT + TABLE) == []


def block(*lines: str) -> str:
    return "\n".join([MANAGED_START, *lines, MANAGED_END, ""])


def test_keys_go_above_the_block_of_the_module_and_tables_below() -> None:
    inside = block("a = 1", "[model_providers.aigateway]", "name = 'x'")

    assert merged(inside, ROOT + TABLE) == f"{ROOT}\n{inside}\n{TABLE}"
    assert merged(f"b = 1\n{inside}[tui]\nx = 1\n", ROOT + TABLE) == (
        f"b = 1\n{ROOT}{inside}[tui]\nx = 1\n\n{TABLE}"
    )
    without_end_of_line = f"# about\n\n{inside}".removesuffix("\n")
    assert merged(without_end_of_line, ROOT) == f"# about\n\n{ROOT}\n{inside}".removesuffix("\n")


def test_what_the_block_already_says_is_done() -> None:
    inside = block("model = 'new'", "[model_providers.gw]", "name = 'GW'", "env_key = 'T'")

    assert merged(inside, ROOT + TABLE) == inside
    assert conflicts(inside, ROOT + TABLE) == []


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        (block("model = 'old'"), (2, 1), "model is 'old', and would become \"new\"; the Codex module"),
        (
            block("[model_providers.gw]", "name = 'GW'"),
            (2, 1),
            'would get env_key = "T"; the Codex module writes this block, so change it in the template',
        ),
        (block("[model_providers.gw]", "name = 'GW'", "env_key = 'T'", "auth.command = ''"), (5, 1), "be removed"),
        (block("model_providers = { o = {} }"), (2, 1), "would get"),
        # Bare keys below the block belong to its last table.
        (block("[model_providers.gw]", "name = 'GW'") + "stream_max_retries = 1\n", (2, 1), "would get"),
        (f" {MANAGED_START} \r\nmodel = ''\r\n{MANAGED_END}\r\n", (2, 1), "model is ''"),
    ],
)  # fmt: skip
def test_nothing_inside_the_block_is_changed(text: str, place: tuple[int, int], words: str) -> None:
    found = [
        (line, column, message)
        for line, column, message, can_be_forced in conflicts(text, ROOT + TABLE)
        if not can_be_forced
    ]

    assert found[0][:2] == place
    assert words in found[0][2]


def test_a_block_without_an_end_is_refused() -> None:
    with pytest.raises(
        RefusedError, match=r"^config.toml:2:1: the Codex module's block has no end"
    ):
        merged(f"a = 1\n{MANAGED_START}\nb = 1\n", ROOT)


@pytest.mark.parametrize(
    ("text", "place"),
    [("a = 1\nmodel_providers = 3\n", "2:1"), ("[[model_providers]]\ngw = 1\n", "1:1"), ("[model_providers]\ngw = 3\n", "2:1")],
)  # fmt: skip
def test_a_table_that_is_something_else_is_refused(text: str, place: str) -> None:
    with pytest.raises(RefusedError, match=f"^config.toml:{place}: .* has to be a table"):
        merged(text, TABLE)


@pytest.mark.parametrize(
    "wrong",
    [
        'a = 1\nmodel = "other"\n',
        'a = 2\nmodel = "new"\n',
        'a = 1.0\nmodel = "new"\n',
        'model = "new"\n',
        'a = 1\nb = 1\nmodel = "new"\n',
        'a = 1\nmodel = "new"\n[c]\n',
        'a = 1\nmodel = "new"\nmodel = "new"\n',
    ],
)
def test_a_text_that_does_not_read_back_is_refused(
    monkeypatch: pytest.MonkeyPatch, wrong: str
) -> None:
    monkeypatch.setattr("provisioner.codex_home.edit.Editor.text", lambda _: wrong)

    with pytest.raises(RefusedError, match=r"config.toml:1:1: .* cannot be edited safely"):
        merged("a = 1\n", ROOT)

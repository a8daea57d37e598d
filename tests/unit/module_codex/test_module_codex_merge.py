"""What becomes of a user's config.toml when the module writes its block into it."""

from __future__ import annotations

import tomllib

import pytest

from tests.support.merged_config import END, NOTE, START, block, merge, merged

OURS = 'model = "ours"\n\n[model_providers.gw]\nname = "G"\n'


@pytest.mark.parametrize(
    ("theirs", "expected"),
    [
        pytest.param("", block(OURS), id="no file"),
        pytest.param("# mine\n", "# mine\n\n" + block(OURS), id="a comment"),
        pytest.param("a = 1\n", "a = 1\n\n" + block(OURS), id="a root key"),
        pytest.param("a = 1", "a = 1\n\n" + block(OURS), id="a root key without a line end"),
        pytest.param("[tui]\nx = 1", block(OURS) + "\n[tui]\nx = 1", id="a table without a line end"),
        pytest.param(
            "a = 1\r\n\r\n[tui]\r\nx = 1\r\n",
            "a = 1\r\n\r\n" + block(OURS) + "\n[tui]\r\nx = 1\r\n",
            id="carriage returns",
        ),
        pytest.param(
            "#:schema s.json\n# all\n\na = 1\n# end\n\n# about\n# tui\n[tui]\nx = 1\n",
            "#:schema s.json\n# all\n\na = 1\n# end\n\n" + block(OURS) + "\n# about\n# tui\n[tui]\nx = 1\n",
            id="comments stay with what they are about",
        ),
        pytest.param("#:schema s.json\n[tui]\n", "#:schema s.json\n\n" + block(OURS) + "\n[tui]\n", id="a directive stays first"),
        pytest.param("\ufeff[tui]\n", block(OURS) + "\n[tui]\n", id="a byte order mark"),
        pytest.param("a = 1\n\n" + block("old = 1\n") + "\n[tui]\n", "a = 1\n\n" + block(OURS) + "\n[tui]\n", id="an earlier block"),
        pytest.param(block("old = 1\n") + "[tui]\n" + block("old = 2\n"), block(OURS) + "\n[tui]\n", id="two blocks"),
        pytest.param(
            "a = 1\n" + "  " + START.replace("\n", " \r\n") + "old = 1\n" + END.replace("\n", "\r\n") + "[tui]\n",
            "a = 1\n\n" + block(OURS) + "\n[tui]\n",
            id="markers with white space and carriage returns",
        ),
        pytest.param("a = 1\n" + START + "b = 2\n[tui]\n", "a = 1\nb = 2\n\n" + block(OURS) + "\n[tui]\n", id="a start alone"),
        pytest.param("a = 1\n[tui]\nx = 1\n" + END + "b = 2\n", "a = 1\nb = 2\n\n" + block(OURS) + "\n[tui]\nx = 1\n", id="an end alone"),
        pytest.param(
            START + "b = 2\n" + START + "old = 1\n" + END, "b = 2\n\n" + block(OURS), id="a start without its end, then a block"
        ),
        pytest.param(
            block(OURS) + "# more\nb = 2\n\n# tui\n[tui]\n",
            "# more\nb = 2\n\n" + block(OURS) + "\n# tui\n[tui]\n",
            id="root keys below the block go above it",
        ),
        pytest.param(
            "[tui]\nx = 1\n" + block(OURS) + "[features]\ny = true\n",
            block(OURS) + "\n[tui]\nx = 1\n[features]\ny = true\n",
            id="tables above the block go below it",
        ),
    ],
)  # fmt: skip
def test_what_is_the_users_stays(theirs: str, expected: str) -> None:
    assert merged(OURS, theirs) == expected
    assert merge(OURS, theirs).stderr == b""


@pytest.mark.parametrize(
    ("ours", "theirs", "expected"),
    [
        pytest.param(OURS, 'model = "mine"\na = 1\n', f'{NOTE}\n# model = "mine"\na = 1\n\n' + block(OURS), id="a root key"),
        pytest.param(
            OURS, '"model" = "mine"\r\n', f'{NOTE}\r\n# "model" = "mine"\r\n\n' + block(OURS), id="a quoted key, carriage return"
        ),
        pytest.param(
            "model = [1]\n", 'model = """\na\n[x]"""', f'{NOTE}\n# model = """\n# a\n# [x]"""\n\n' + block("model = [1]\n"), id="many lines"
        ),
        pytest.param(
            OURS,
            '[model_providers . "gw"] # mine\nname = "M"\n# why\n\nb = [\n]\n[model_providers.gw.http_headers]\nc = "d"\n[tui]\n',
            block(OURS)
            + f'\n{NOTE}\n# [model_providers . "gw"] # mine\n# name = "M"\n# why\n\n# b = [\n# ]\n'
            + f'{NOTE}\n# [model_providers.gw.http_headers]\n# c = "d"\n[tui]\n',
            id="a table and what is below it",
        ),
        pytest.param(
            OURS, 'model_providers = { m = { name = "M" } }\n', f'{NOTE}\n# model_providers = {{ m = {{ name = "M" }} }}\n\n' + block(OURS), id="an inline table where ours has headers"
        ),
        pytest.param(
            OURS, 'model_providers.gw.name = "M"\nmodel_providers.m.name = "M"\n',
            f'{NOTE}\n# model_providers.gw.name = "M"\nmodel_providers.m.name = "M"\n\n' + block(OURS), id="a dotted key",
        ),
        pytest.param(
            OURS, '[model_providers]\nm = { name = "M" }\ngw = { name = "M" }\n',
            block(OURS) + f'\n[model_providers]\nm = {{ name = "M" }}\n{NOTE}\n# gw = {{ name = "M" }}\n', id="a key of a table that ours leads to",
        ),
        pytest.param(
            "a.b = 1\n", "[a]\nc = 1\n[a.d]\ne = 1\n", block("a.b = 1\n") + f"\n{NOTE}\n# [a]\n# c = 1\n{NOTE}\n# [a.d]\n# e = 1\n", id="a table that ours made by a dotted key"
        ),
        pytest.param("a = { b = 1 }\n", "[a.c]\nd = 1\n", block("a = { b = 1 }\n") + f"\n{NOTE}\n# [a.c]\n# d = 1\n", id="below our inline table"),
        pytest.param("[a.b.c]\n", "[a]\nb.d = 1\nx.y = 1\n", block("[a.b.c]\n") + f"\n[a]\n{NOTE}\n# b.d = 1\nx.y = 1\n", id="a dotted key into a table of ours"),
        pytest.param("[a]\n", "[[a]]\nb = 1\n", block("[a]\n") + f"\n{NOTE}\n# [[a]]\n# b = 1\n", id="an array of tables where ours has a table"),
        pytest.param("[[a]]\nb = 1\n", "[a.c]\n", block("[[a]]\nb = 1\n") + f"\n{NOTE}\n# [a.c]\n", id="a table in our last element"),
        pytest.param(OURS, "a = 1\n" + block("") + "a = 2\n", f"a = 1\n{NOTE}\n# a = 2\n\n" + block(OURS), id="a root key above and below the block"),
        pytest.param(OURS, START + OURS, f'{NOTE}\n# model = "ours"\n\n' + block(OURS) + f'\n{NOTE}\n# [model_providers.gw]\n# name = "G"\n', id="a block whose end was lost"),
        pytest.param(OURS, OURS + END, f'{NOTE}\n# model = "ours"\n\n' + block(OURS) + f'\n{NOTE}\n# [model_providers.gw]\n# name = "G"\n', id="a block whose start was lost"),
    ],
)  # fmt: skip
def test_what_both_set_becomes_a_comment(ours: str, theirs: str, expected: str) -> None:
    assert merged(ours, theirs) == expected
    assert tomllib.loads(expected)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        pytest.param("[[hooks.Stop]]\nx = 1\n[[hooks.Stop.hooks]]\nx = 1\n[[hooks.Stop]]\nx = 2\n", "[[hooks.Stop]]\nx = 3\n[[hooks.Stop.hooks]]\nx = 3\n[hooks.Stop.a]\nx = 3\n", id="arrays of tables"),
        pytest.param("[a.b]\n", "[a]\nc = 1\n", id="the table above ours"),
        pytest.param(OURS, "[model_providers.gw.http_headers]\nx = '[model]'\n", id="more for a table of ours"),
        pytest.param("", "x = ''''''\ny = \"\"\"\"a\"\"\"\"\"\nz = '#' # [\n[t]\nk = { a = ']' }\n", id="strings and comments"),
        pytest.param('a = """\n[tui]\nx = 1\n"""\n', "[tui]\nx = 1\n", id="a header in a string of ours"),
    ],
)  # fmt: skip
def test_what_only_looks_alike_stays(ours: str, theirs: str) -> None:
    text = merged(ours, theirs)

    assert NOTE not in text
    assert all(line in text for line in theirs.splitlines())
    assert tomllib.loads(text)


def test_the_user_is_told_what_changed() -> None:
    told = merge(OURS, 'model = "m"\n[model_providers.gw]\nname = "M"\n').stderr.decode()

    assert told == (
        'config.toml: "model" is set by the template; your own is a comment now\n'
        'config.toml: "model_providers.gw" is set by the template; your own is a comment now\n'
    )


@pytest.mark.parametrize("open_text", ['a = """\n', "a = '''", "a = [1,\n", "[t]\nb = {\n"])
def test_text_that_never_ends_is_not_merged(open_text: str) -> None:
    assert merge(open_text, "").returncode == 3
    assert merge(OURS, open_text).returncode == 4
    assert merge(OURS, open_text + block("")).returncode == 4


@pytest.mark.parametrize(
    ("ours", "told"),
    [
        ("a = 1\na = 2\n", '"a" is there twice\n'),
        ("[a.b]\nc = 1\n[a.b]\n", '"a.b" is there twice\n'),
        ("a.b = 1\n[a]\n", '"a" is there twice\n'),
    ],
)
def test_a_block_that_repeats_itself_is_refused(ours: str, told: str) -> None:
    done = merge(ours, "x = 1\n")

    assert (done.returncode, done.stdout, done.stderr.decode()) == (5, b"", told)

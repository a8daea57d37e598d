"""`provisioner render` with several specs, with --diff and with --format json."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.command import provisioner
from tests.support.tree import write_tree


def test_each_spec_gets_a_folder_and_a_wrong_one_keeps_none_from_it(tmp_path: Path) -> None:
    write_tree(
        tmp_path,
        {"a.toml": 'flow = "byok"\n', "b.toml": 'flow = "bylk"\n', "c/provisioner.toml": 'flow = "chatgpt"\n'},
    )  # fmt: skip

    done = provisioner(
        "render", "a.toml", "b.toml", "c/provisioner.toml", "-o", "out", cwd=tmp_path
    )

    assert done.returncode == 1
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"a", "c"}
    assert 'b.toml:1:8: error PRV012 "flow": "bylk" is not one of' in done.stdout
    assert done.stdout.endswith("3 specs, 1 refused\n")


def test_one_spec_goes_to_the_folder_itself_unless_told_otherwise(tmp_path: Path) -> None:
    write_tree(tmp_path, {"a.toml": 'flow = "byok"\n'})

    provisioner("render", "a.toml", "-o", "itself", cwd=tmp_path)
    provisioner("render", "a.toml", "-o", "below", "--each", cwd=tmp_path)

    assert (tmp_path / "itself" / "codex.tf").is_file()
    assert (tmp_path / "below" / "a" / "codex.tf").is_file()


def test_two_specs_never_share_a_folder(tmp_path: Path) -> None:
    write_tree(tmp_path, {"x/a.toml": 'flow = "byok"\n', "y/a.toml": 'flow = "chatgpt"\n'})

    done = provisioner("render", "x/a.toml", "y/a.toml", "-o", "out", cwd=tmp_path)

    assert done.returncode == 2
    assert "x/a.toml and y/a.toml both go to out/a" in done.stderr
    assert not (tmp_path / "out").exists()


def test_many_specs_are_rendered_by_several_processes(tmp_path: Path) -> None:
    names = [f"s{number}.toml" for number in range(70)]
    write_tree(tmp_path, dict.fromkeys(names, 'flow = "byok"\n') | {"s3.toml": "flow = 1\n"})

    done = provisioner("render", *names, "-o", "out", "-j", "2", "--format", "json", cwd=tmp_path)

    told = json.loads(done.stdout)
    assert done.returncode == 1
    assert [item["spec"] for item in told] == names
    assert [item["error"] is None for item in told] == [name != "s3.toml" for name in names]
    assert (
        told[0]["written"] == ["README.md", "codex.tf", "main.tf"]
        or "main.tf" in told[0]["written"]
    )


def test_diff_shows_what_would_change_and_writes_nothing(tmp_path: Path) -> None:
    write_tree(tmp_path, {"spec.toml": 'flow = "byok"\n[codex]\nmodel = "gpt-5.5"\n'})
    provisioner("render", "spec.toml", "-o", "out", cwd=tmp_path)
    before = (tmp_path / "out" / "codex.tf").read_text(encoding="utf-8")
    write_tree(tmp_path, {"spec.toml": 'flow = "byok"\n[codex]\nmodel = "gpt-5.4"\n'})

    done = provisioner("render", "spec.toml", "-o", "out", "--diff", cwd=tmp_path)

    assert done.returncode == 1
    assert "--- out/codex.tf\n+++ out/codex.tf\n" in done.stdout
    assert '-    model = "gpt-5.5"\n+    model = "gpt-5.4"\n' in done.stdout
    assert (tmp_path / "out" / "codex.tf").read_text(encoding="utf-8") == before


def test_diff_of_what_is_up_to_date_is_nothing(tmp_path: Path) -> None:
    write_tree(tmp_path, {"spec.toml": 'flow = "byok"\n'})
    provisioner("render", "spec.toml", "-o", "out", "--verify", cwd=tmp_path)

    done = provisioner("render", "spec.toml", "-o", "out", "--diff", cwd=tmp_path)

    assert (done.returncode, done.stdout) == (0, "")


def test_a_template_of_the_users_own_with_two_agents(tmp_path: Path) -> None:
    write_tree(
        tmp_path,
        {
            "spec.toml": 'flow = "centralized"\n[template]\nfolder = "mine"\n',
            "mine/template.toml": 'agents = ["main", "gpu"]\n',
            "mine/main.tf": "# mine\n",
            "mine/notes.md.j2": "{{ plan.flow.name }}\n",
        },
    )

    done = provisioner("render", "spec.toml", "-o", "out", "--verify", cwd=tmp_path)

    assert done.returncode == 0, done.stderr
    text = (tmp_path / "out" / "codex.tf").read_text(encoding="utf-8")
    assert 'module "codex" {' in text
    assert 'module "codex_gpu" {' in text
    assert "coder_agent.gpu.id" in text
    assert 'slug         = "codex-gpu"' in text
    assert (tmp_path / "out" / "notes.md").read_text(encoding="utf-8") == "centralized\n"
    assert (tmp_path / "out" / "main.tf").read_text(encoding="utf-8") == "# mine\n"


def test_an_agent_that_the_template_lacks_is_named(tmp_path: Path) -> None:
    write_tree(tmp_path, {"spec.toml": 'flow = "centralized"\ntemplate.agents = ["gpu"]\n'})

    done = provisioner("render", "spec.toml", "-o", "out", cwd=tmp_path)

    assert done.returncode == 2
    assert 'template "docker" has no agent "gpu"; it has main' in done.stderr


def test_a_template_that_cannot_be_rendered_is_named(tmp_path: Path) -> None:
    write_tree(
        tmp_path,
        {
            "spec.toml": 'flow = "centralized"\n[template]\nfolder = "mine"\n',
            "mine/main.tf": "",
            "mine/README.md.j2": "{{ nobody }}\n",
        },
    )

    done = provisioner("render", "spec.toml", "-o", "out", cwd=tmp_path)

    assert done.returncode == 2
    assert "cannot render" in done.stderr
    assert "'nobody' is undefined" in done.stderr
    assert not (tmp_path / "out").exists()


def test_a_preset_never_takes_the_name_of_the_templates_own(tmp_path: Path) -> None:
    write_tree(tmp_path, {"spec.toml": 'flow = "centralized"\n[presets.small]\n'})

    done = provisioner("render", "spec.toml", "-o", "out", cwd=tmp_path)

    assert done.returncode == 2
    assert 'template "docker" has a preset "small" of its own' in done.stderr


def test_a_refused_spec_is_json_too(tmp_path: Path) -> None:
    write_tree(tmp_path, {"spec.toml": 'flow = "bylk"\n'})

    done = provisioner("render", "spec.toml", "-o", "out", "--format", "json", cwd=tmp_path)

    (told,) = json.loads(done.stdout)
    assert done.returncode == 1
    assert told["error"].startswith('PRV012 "flow": "bylk" is not one of')


OWN = 'flow = "centralized"\n[template]\nfolder = "mine"\n'


def test_what_a_template_of_ones_own_must_not_push_stays_behind(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("s", encoding="utf-8")
    write_tree(
        tmp_path,
        {
            "spec.toml": OWN,
            "mine/main.tf": "",
            "mine/terraform.tfstate": "{}",
            "mine/terraform.tfstate.backup": "{}",
            "mine/.env": "KEY=x",
            "mine/.terraform/providers/x": "",
            "mine/.terraform.lock.hcl": "# locked",
            "mine/build/Dockerfile": "FROM x",
        },
    )
    (tmp_path / "mine" / "link").symlink_to(tmp_path / "secret")

    provisioner("render", "spec.toml", "-o", "out", cwd=tmp_path)

    out = tmp_path / "out"
    found = {path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()}
    assert found == {
        ".provisioner.json",
        ".terraform.lock.hcl",
        "build/Dockerfile",
        "codex.tf",
        "main.tf",
    }


def test_programs_of_a_template_of_ones_own_stay_programs(tmp_path: Path) -> None:
    write_tree(
        tmp_path,
        {"spec.toml": OWN, "mine/main.tf": "", "mine/build.sh": "", "mine/boot.sh.j2": "echo"},
    )
    for name in ("build.sh", "boot.sh.j2"):
        (tmp_path / "mine" / name).chmod(0o700)
    provisioner("render", "spec.toml", "-o", "out", cwd=tmp_path)
    modes = {path.name: path.stat().st_mode & 0o111 for path in (tmp_path / "out").iterdir()}
    assert {name for name, mode in modes.items() if mode} == {"build.sh", "boot.sh"}
    assert modes["build.sh"] == 0o111

    (tmp_path / "out" / "boot.sh").chmod(0o644)
    check = provisioner("render", "spec.toml", "-o", "out", "--check", cwd=tmp_path)
    diff = provisioner("render", "spec.toml", "-o", "out", "--diff", cwd=tmp_path)
    again = provisioner("render", "spec.toml", "-o", "out", cwd=tmp_path)

    assert check.returncode == 1
    assert check.stdout.startswith("out/boot.sh: missing, or not as spec.toml renders it\n")
    assert (diff.returncode, diff.stdout) == (1, "out/boot.sh: not executable\n")
    assert again.stdout == "wrote out/boot.sh\n"
    assert (tmp_path / "out" / "boot.sh").stat().st_mode & 0o777 == 0o755


@pytest.mark.parametrize(
    ("files", "out", "words"),
    [
        ({"codex.tf": "# mine"}, "out", "stands in the place of what the spec decides"),
        ({}, "mine/out", "would be copied into itself"),
        ({"a.md": "", "a.md.j2": ""}, "out", "are both there"),
        ({"a.md.j2": "{{ 1 / 0 }}"}, "out", "a.md.j2: division by zero"),
        (
            {"template.toml": "agents = []"},
            "out",
            '"agents" must be names of coder_agent resources',
        ),
        ({"template.toml": 'agents = ["a b"]'}, "out", '"agents" must be names of coder_agent'),
        ({"template.toml": "agent = 1"}, "out", 'unknown key "agent"'),
    ],
)
def test_a_template_of_ones_own_that_cannot_be_rendered_says_why(
    files: dict[str, str], out: str, words: str, tmp_path: Path
) -> None:
    own = {f"mine/{name}": text for name, text in files.items()}
    write_tree(tmp_path, {"spec.toml": OWN, "mine/main.tf": "", **own})

    done = provisioner("render", "spec.toml", "-o", out, cwd=tmp_path)

    assert done.returncode == 2
    assert words in done.stderr
    assert not (tmp_path / out).exists()


def test_a_binary_file_is_copied_and_shown_in_a_diff(tmp_path: Path) -> None:
    write_tree(tmp_path, {"spec.toml": OWN, "mine/main.tf": ""})
    (tmp_path / "mine" / "logo.png").write_bytes(b"\x89PNG\xff")

    shown = provisioner("render", "spec.toml", "-o", "out", "--diff", cwd=tmp_path)
    done = provisioner("render", "spec.toml", "-o", "out", cwd=tmp_path)

    assert (shown.returncode, done.returncode) == (1, 0)
    assert (tmp_path / "out" / "logo.png").read_bytes() == b"\x89PNG\xff"

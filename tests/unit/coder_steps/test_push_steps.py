"""Pushes to a Coder that keeps state: what is made, what is left alone, and what goes wrong."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterator
from typing import Any

import pytest

from provisioner.coder_api.archive import Entry, unpack
from provisioner.coder_api.problem import ApiError, UnknownOutcomeError, UnreachableError
from provisioner.errors import CoderError, FindingsError, InputError
from provisioner.redact import Secret
from tests.support.coder_jobs import Plan
from tests.support.coder_operations import Answer
from tests.support.coder_server import CoderServer, coder_server
from tests.support.coder_state import CoderState, Version
from tests.support.coder_steps_world import Stage, entries

VARIABLES = 'variable "plain" {\n}\n\nvariable "hidden" {\n  sensitive = true\n}\n'
OTHER = entries(other_tf="locals {\n  a = 1\n}\n")


@pytest.fixture
def server() -> Iterator[CoderServer]:
    with coder_server() as running:
        yield running


@pytest.fixture
def stage(server: CoderServer) -> Iterator[Stage]:
    made = Stage(server)
    with made.client:
        yield made


def active(server: CoderServer) -> Version:
    template = server.state.named("t")
    assert template is not None
    return server.state.versions[template.active]


def test_a_first_push_makes_the_template_of_the_very_files(
    server: CoderServer, stage: Stage
) -> None:
    done = stage.push(words={"display_name": "T", "description": "d", "icon": "/icon/docker.svg"})
    template = server.state.named("t")

    assert (done.is_new_template, done.is_new_version, done.is_active) == (True, True, True)
    assert server.changing == ["upload", "create_template_version", "create_template"]
    assert unpack(server.state.files[active(server).job.file_id]) == entries()
    assert template is not None
    assert template.words == {"display_name": "T", "description": "d", "icon": "/icon/docker.svg"}


def test_a_second_push_of_the_same_changes_and_uploads_nothing(
    server: CoderServer, stage: Stage
) -> None:
    first = stage.push()
    server.asked.clear()
    second = stage.push()

    assert not second.is_changed
    assert (second.version, second.version_id) == (first.version, first.version_id)
    assert server.changing == []


@pytest.mark.parametrize("is_dry_run", [False, True])
def test_a_name_for_a_version_that_is_there_already_is_told_to_be_unused(
    stage: Stage,
    is_dry_run: bool,  # noqa: FBT001
) -> None:
    stage.push(version="v1")
    done = stage.push(version="v2", is_dry_run=is_dry_run)
    stage.push(version="v1")

    assert (done.is_changed, done.version) == (False, "v1")
    assert [said for said in stage.said if "v2" in said] == [
        'the version name "v2" is not used: version "v1" has the same files, and keeps its name'
    ]


def packed_by_somebody_else(files: dict[str, Entry]) -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w", format=tarfile.GNU_FORMAT) as archive:
        for name, entry in files.items():
            item = tarfile.TarInfo(f"./{name}")
            item.size, item.mtime, item.mode, item.uname = (
                len(entry.data),
                1_700_000_000,
                0o600,
                "eve",
            )
            archive.addfile(item, io.BytesIO(entry.data))
    return target.getvalue()


def test_files_that_another_client_packed_are_the_same(server: CoderServer, stage: Stage) -> None:
    stage.push()
    files = entries(z_tf="", a_tf="")
    data = packed_by_somebody_else(dict(reversed(files.items())))
    active(server).job.file_id, _ = server.state.add_file(data)

    assert not stage.push(files).is_changed


@pytest.mark.parametrize(
    "files",
    [
        entries(main_tf="locals {}\n"),
        OTHER,
        {**entries(), "run.sh": Entry(b"x", is_executable=True)},
    ],
)
def test_other_content_makes_a_version_that_becomes_active(
    server: CoderServer, stage: Stage, files: dict[str, Entry]
) -> None:
    stage.push({**entries(), "run.sh": Entry(b"x")})
    server.asked.clear()
    done = stage.push(files)

    assert server.changing == ["upload", "create_template_version", "activate_version"]
    assert (done.is_new_version, done.is_activated, done.is_new_template) == (True, True, False)
    assert "the files differ" in done.why
    assert active(server).id == done.version_id


def test_without_activation_the_version_waits_and_the_next_push_only_activates_it(
    server: CoderServer, stage: Stage
) -> None:
    first = stage.push()
    waiting = stage.push(OTHER, activates=False)
    assert (waiting.is_active, active(server).id) == (False, first.version_id)
    assert not stage.push(OTHER, activates=False).is_changed
    server.asked.clear()
    done = stage.push(OTHER)

    assert server.changing == ["activate_version"]
    assert (done.is_new_version, done.is_activated) == (False, True)
    assert active(server).id == waiting.version_id


def test_a_first_version_cannot_stay_inactive(server: CoderServer, stage: Stage) -> None:
    with pytest.raises(InputError, match="leave out --no-activate"):
        stage.push(activates=False)

    assert server.changing == []


def test_a_dry_run_asks_and_changes_nothing(server: CoderServer, stage: Stage) -> None:
    assert stage.push(is_dry_run=True).is_new_template
    assert server.changing == []
    stage.push()
    server.asked.clear()

    assert not stage.push(is_dry_run=True).is_changed
    assert stage.push(OTHER, is_dry_run=True, words={"icon": "x"}).edited == ("icon",)
    assert server.changing == []


def test_words_are_changed_and_every_other_setting_stays(server: CoderServer, stage: Stage) -> None:
    stage.push(words={"description": "old", "icon": "/icon/a.svg"})
    template = server.state.named("t")
    assert template is not None
    before = template.as_json()
    done = stage.push(words={"description": "new", "icon": "/icon/a.svg"})

    assert done.edited == ("description",)
    assert template.as_json() == {**before, "description": "new"}
    assert before["default_ttl_ms"] == 28_800_000


def test_the_words_of_a_version_that_waits_are_not_those_of_the_template_yet(
    server: CoderServer, stage: Stage
) -> None:
    stage.push(words={"description": "old"})
    template = server.state.named("t")
    assert template is not None
    waiting = stage.push(OTHER, activates=False, words={"description": "new"})

    assert (waiting.edited, template.words["description"]) == ((), "old")
    assert not stage.push(OTHER, activates=False, words={"description": "new"}).is_changed

    done = stage.push(OTHER, words={"description": "new"})

    assert (done.edited, template.words["description"]) == (("description",), "new")


def test_a_setting_that_somebody_changes_while_the_job_runs_stays(
    server: CoderServer, stage: Stage
) -> None:
    stage.push(words={"description": "old"})
    template = server.state.named("t")
    assert template is not None

    def somebody_edits(_: CoderState) -> None:
        template.words["default_ttl_ms"] = 3_600_000

    server.fault("template_version_logs", act=somebody_edits)
    stage.push(OTHER, words={"description": "new"})

    told = template.as_json()
    assert (told["default_ttl_ms"], told["description"]) == (3_600_000, "new")


def test_a_version_that_is_refused_is_not_said_to_be_there_perhaps(stage: Stage) -> None:
    stage.push(version="v1")
    with pytest.raises(ApiError, match="answered 409"):
        stage.push(OTHER, version="v1")

    assert stage.left.lines == ["nothing was made on the deployment"]


def test_variables_are_sent_kept_and_compared(server: CoderServer, stage: Stage) -> None:
    files = entries(vars_tf=VARIABLES)
    given = {"plain": Secret("1"), "hidden": Secret("h1dden-value")}
    stage.push(files, variables=given)
    assert active(server).variables == {"plain": "1", "hidden": "h1dden-value"}

    assert not stage.push(files).is_changed
    assert not stage.push(files, variables={"plain": Secret("1")}).is_changed
    other = stage.push(files, variables={"plain": Secret("2")})
    assert 'variable "plain" has another value' in other.why
    assert active(server).variables == {"plain": "2", "hidden": "h1dden-value"}
    sensitive = stage.push(files, variables={"hidden": Secret("h1dden-value")})
    assert sensitive.is_new_version
    assert 'sensitive variable "hidden" is not told' in sensitive.why


def test_provisioner_tags_stay_until_others_are_given(server: CoderServer, stage: Stage) -> None:
    stage.push(tags={"gpu": "yes"})
    stage.push(OTHER)

    assert active(server).job.as_json()["tags"] == {
        "owner": "",
        "scope": "organization",
        "gpu": "yes",
    }
    assert not stage.push(OTHER, tags={"gpu": "yes"}).is_changed

    done = stage.push(OTHER, tags={"gpu": "no"})

    assert (done.is_new_version, done.is_activated) == (True, True)
    assert done.why.endswith('has not the provisioner tag "gpu=no"')
    assert active(server).job.tags == {"gpu": "no"}


def test_a_failed_job_is_findings_at_the_line_and_nothing_becomes_active(
    server: CoderServer, stage: Stage
) -> None:
    stage.push()
    before = active(server).id
    lines = [
        ("error", "Planning", "Error: Reference to undeclared resource"),
        ("error", "Planning", 'on main.tf line 17, in resource "terraform_data" "workspace":'),
        ("error", "Planning", "  17:   count = x.y"),
        ("error", "Planning", ""),
        ("error", "Planning", 'No resource "x" "y", nor h1dden-value.'),
    ]
    server.state.plans.append(Plan(lines, error="terraform plan: exit status 1"))
    hidden = Secret("h1dden-value")
    with pytest.raises(FindingsError) as caught:
        stage.push(OTHER, variables={"hidden": hidden}, secrets=(hidden,))
    (finding,) = caught.value.result.findings

    assert (finding.code, finding.path, finding.span.start.line) == ("PRV601", "folder/main.tf", 17)
    assert finding.message == "Terraform: Reference to undeclared resource"
    assert finding.help == 'No resource "x" "y", nor h1...ue.'
    assert active(server).id == before
    assert stage.left.lines[0].endswith('of template "t" is failed, and not active')


def test_missing_values_are_findings_at_their_variables(server: CoderServer, stage: Stage) -> None:
    error = "required template variables need values: plain"
    server.state.plans.append(Plan((), error, "REQUIRED_TEMPLATE_VARIABLES"))
    with pytest.raises(FindingsError) as caught:
        stage.push(entries(vars_tf=VARIABLES), variables={"hidden": Secret("1")})
    (finding,) = caught.value.result.findings

    assert (finding.code, finding.path, finding.span.start.line) == ("PRV603", "folder/vars.tf", 1)
    assert finding.message == 'Coder: variable "plain" has no value'


def test_the_log_is_shown_whole_and_once_over_lost_connections(
    server: CoderServer, stage: Stage
) -> None:
    texts = [f"line {number}" for number in range(40)]
    lines = [("info", "Running", text) for text in texts]
    server.state.plans.append(Plan(lines, lines_at_once=3))
    for skip, cut in enumerate(["before", "middle", "answer", "middle", "before"]):
        server.fault("template_version_logs", cut=cut, skip=2 * skip)
    server.fault("template_version", cut="answer", skip=3, times=2)
    stage.push()

    assert stage.logged == texts


def test_a_version_that_was_superseded_meanwhile_does_not_become_active(
    server: CoderServer, stage: Stage
) -> None:
    stage.push()

    def somebody_pushes(state: CoderState) -> None:
        template = state.named("t")
        assert template is not None
        job = state.versions[template.active].job
        other = Version("theirs", "", job, template.id, {}, by="grace")
        state.versions[other.id] = other
        template.active = other.id

    server.fault("template_version_logs", act=somebody_pushes)
    with pytest.raises(CoderError, match='superseded: meanwhile "theirs" by grace became active'):
        stage.push(OTHER)

    assert active(server).name == "theirs"
    assert "activate_version" not in server.asked
    assert stage.left.lines[0].endswith("is ready, and not active")


def test_a_job_that_somebody_canceled_is_no_success(server: CoderServer, stage: Stage) -> None:
    def cancel(state: CoderState) -> None:
        for version in state.versions.values():
            version.job.cancel()

    server.fault("template_version_logs", act=cancel)
    with pytest.raises(CoderError, match="was canceled by somebody else"):
        stage.push()

    assert server.state.named("t") is None


def test_a_token_that_ends_half_way_says_what_is_left_and_the_next_push_goes_on(
    server: CoderServer, stage: Stage
) -> None:
    stage.push()
    server.fault("template_version", answer=Answer(401, {"message": "expired"}), skip=3, times=99)
    with pytest.raises(ApiError, match="answered 401: expired; the session token is not valid"):
        stage.push(OTHER)
    left = stage.left
    server.faults.clear()
    server.asked.clear()
    done = stage.push(OTHER)

    assert left.lines[0].endswith("is still being made (pending), and not active")
    assert left.lines[1] == "the same command follows it"
    assert done.version_id == left.version_id
    assert server.changing == ["activate_version"]


@pytest.mark.parametrize("operation", ["create_template", "template_version"])
def test_a_first_push_that_ends_half_way_says_that_the_next_one_starts_over(
    server: CoderServer, stage: Stage, operation: str
) -> None:
    server.fault(operation, answer=Answer(401, {"message": "expired"}))
    with pytest.raises(ApiError, match="answered 401"):
        stage.push()
    left = stage.left
    done = stage.push()

    assert left.lines[1] == (
        "the template is not made yet, so the same command starts over with a new one"
    )
    assert done.version_id != left.version_id
    assert len(server.state.versions) == 2


LOST: list[tuple[str, dict[str, Any]]] = [
    ("create_template_version", {"cut": "answer"}),
    ("upload", {"cut": "answer", "times": 2}),
    ("activate_version", {"cut": "answer"}),
    ("create_template_version", {"answer": Answer(503, {"message": "busy"}), "times": 3}),
    ("upload", {"answer": Answer(429, {"message": "slow"}, {"Retry-After": "7"})}),
    ("organization", {"answer": Answer(502, {"message": "proxy"}), "times": 4}),
]


@pytest.mark.parametrize(("operation", "fault"), LOST)
def test_lost_answers_and_busy_servers_end_in_one_active_version(
    server: CoderServer, stage: Stage, operation: str, fault: dict[str, Any]
) -> None:
    stage.push()
    server.fault(operation, **fault)
    done = stage.push(OTHER)

    assert active(server).id == done.version_id
    assert len(server.state.versions) == 2
    assert len(stage.pauses) in {0, fault.get("times", 1)}
    if operation == "upload" and "answer" in fault:
        assert stage.pauses == [7.0]


def test_a_template_whose_making_was_not_answered_is_found(
    server: CoderServer, stage: Stage
) -> None:
    server.fault("create_template", cut="answer")
    done = stage.push()

    assert active(server).id == done.version_id
    assert server.asked.count("create_template") == 1


def test_a_first_version_whose_making_was_not_answered_is_told_as_such(
    server: CoderServer, stage: Stage
) -> None:
    server.fault("create_template_version", cut="answer")
    with pytest.raises(UnknownOutcomeError):
        stage.push()

    assert server.state.named("t") is None
    assert stage.left.lines[0].endswith('of template "t" may be there, not active')


@pytest.mark.parametrize(
    ("headers", "words"),
    [({"Retry-After": "3600"}, "it asks to come back after 3600"), ({}, "answered 429: slow")],
)
def test_patience_has_an_end(
    server: CoderServer, stage: Stage, headers: dict[str, str], words: str
) -> None:
    server.fault("organization", answer=Answer(429, {"message": "slow"}, headers), times=99)
    with pytest.raises(ApiError, match=words):
        stage.push()

    assert server.asked.count("organization") == (1 if headers else 6)
    assert stage.left.lines == ["nothing was made on the deployment"]


def test_a_deployment_that_is_gone_is_told(server: CoderServer, stage: Stage) -> None:
    server.fault("organization", cut="before", times=99)
    with pytest.raises(UnreachableError, match="got no answer"):
        stage.push()


def test_who_may_not_push_is_told_of_the_role(server: CoderServer, stage: Stage) -> None:
    server.fault("upload", answer=Answer(403, {"message": "Forbidden."}))
    with pytest.raises(ApiError, match="templates take the role Template Admin"):
        stage.push()


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (403, "may not do this$"),
        (404, "not there, or the user of the session token may not see it"),
        (409, "something else is under way there"),
        (400, "answered 400: Validation failed; name: too long"),
    ],
)
def test_refusals_say_what_to_do(
    server: CoderServer, stage: Stage, status: int, words: str
) -> None:
    body = {
        "message": "Validation failed",
        "validations": [{"field": "name", "detail": "too long"}],
    }
    server.fault("organization", answer=Answer(status, body))
    with pytest.raises(ApiError, match=words):
        stage.push()

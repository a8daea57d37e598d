"""What is to be proven → one job for each combination, and the proofs of all of them."""

from __future__ import annotations

import itertools
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

from provisioner.errors import InputError
from provisioner.flows import FLOWS
from provisioner.gateway_kinds import GATEWAY_KINDS
from provisioner.knowledge.codex import newest_codex
from provisioner.knowledge.version import Version
from provisioner.launch.codex_install import installed_codex
from provisioner.launch.run_codex import end_all_runs
from provisioner.plan.resolve import resolve
from provisioner.prove.codex_client import CodexClient
from provisioner.prove.model import Proof
from provisioner.prove.responses_client import ResponsesClient
from provisioner.prove.run import Client, prove
from provisioner.spec.combinations import possible_credentials
from provisioner.spec.for_codex import for_codex
from provisioner.spec.models import ProfileSpec, Spec

__all__ = ["Job", "every_combination", "jobs", "prove_all"]

_PROFILE = ProfileSpec(model="gpt-5.5", model_context_window=200_000, web_search="disabled")


@dataclass(frozen=True, slots=True)
class Job:
    """One combination: a spec, a client, and the profile to select (empty for none)."""

    spec: Spec
    client: Client
    profile: str

    @property
    def label(self) -> str:
        """What progress calls it."""
        profile = f" -p {self.profile}" if self.profile else ""
        way = f" by {self.spec.credential}" if self.spec.credential else ""
        what = f"{self.spec.gateway.kind} {self.spec.flow}{way}{profile}"
        return f"{what} on {self.client.name} {self.client.version}".rstrip()


def every_combination(
    kinds: Sequence[str], flows: Sequence[str], *, credentials: bool = False
) -> list[Spec]:
    """Return a spec for every gateway kind and flow that go together, those named or all.

    With `credentials` there is one more for each way to bring the credential that is not the
    default. One kind has a profile, as its users have one for each backend.
    """
    found = []
    for kind, flow in itertools.product(GATEWAY_KINDS, FLOWS):
        if flow.name not in kind.flows:
            continue
        if (kinds and kind.name not in kinds) or (flows and flow.name not in flows):
            continue
        spec = Spec.model_validate({"flow": flow.name, "gateway": {"kind": kind.name}})
        if kind.name == "auto-ai-router":
            spec = spec.model_copy(update={"profiles": {"backend": _PROFILE}})
        found.append(spec)
        if credentials:
            found += _other_credentials(spec)
    return found


def _other_credentials(spec: Spec) -> Iterator[Spec]:
    for name in possible_credentials(spec)[1:]:
        yield spec.model_copy(update={"credential": name, "profiles": {}})


def jobs(specs: Sequence[Spec], versions: Sequence[str], client: str) -> list[Job]:
    """Return the jobs for `specs`, each on all `versions` or on its own target.

    `client` is `codex`, `responses` or `auto`. Raises `InputError` for what is no version, and for
    a Codex that is too old or refuses a value of its spec.
    """
    wanted = tuple(dict.fromkeys(versions))
    return [
        Job(_for_version(spec, version), _client(version, client), profile)
        for spec in specs
        for version in wanted or (spec.target.codex or str(newest_codex()),)
        for profile in ("", *sorted(spec.profiles))
    ]


def prove_all(
    todo: Sequence[Job], evidence: Path | None, progress: Callable[[str], None]
) -> list[Proof]:
    """Prove all jobs, as many at once as there are processors, in the order of `todo`.

    `progress` gets a line before a long step and one for each proof.
    """
    for job in _first_of_each_client(todo):
        if job.client.needs_install and shutil.which("npm"):
            progress(f"installing Codex {job.client.version} from npm, once (400 MB) ...")
        job.client.prepare()
    done = itertools.count(1)
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        running = {
            pool.submit(prove, resolve(job.spec), job.client, evidence, job.profile): job
            for job in todo
        }
        try:
            for future in as_completed(running):
                proof = future.result()
                verdict = "passed" if proof.passed else "FAILED"
                progress(f"[{next(done)}/{len(todo)}] {verdict}  {running[future].label}")
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            end_all_runs()
            raise
    return [future.result() for future in running]


def _first_of_each_client(todo: Sequence[Job]) -> Iterator[Job]:
    seen: set[tuple[str, str]] = set()
    for job in todo:
        key = (job.client.name, job.client.version)
        if key not in seen:
            seen.add(key)
            yield job


def _for_version(spec: Spec, version: str) -> Spec:
    try:
        codex = Version.parse(version)
    except ValueError as error:
        raise InputError(f"--codex: {error}") from error
    return for_codex(spec, codex)


def _client(version: str, wanted: str) -> Client:
    at_hand = shutil.which("npm") is not None or installed_codex(version) is not None
    available = at_hand and shutil.which("node") is not None
    plain = wanted == "responses" or (wanted == "auto" and not available)
    return ResponsesClient() if plain else CodexClient(version)

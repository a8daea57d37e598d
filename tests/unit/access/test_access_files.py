"""A wrong access, catalog, profile or usage file gives one finding for each mistake, at its place."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import jsonschema
import pytest
import tomli

from provisioner.access.auth_mode import AuthMode
from provisioner.access.catalog_tables import CatalogTables
from provisioner.access.model import Access
from provisioner.access.policy import Cell, Level, Policy
from provisioner.access.pool import THIS_MACHINE, Cap, Pool, PoolProvider
from provisioner.access.profile_tables import ProfileTables
from provisioner.access.read import read_access, read_catalog, read_profiles, read_usage
from provisioner.access.tables import AccessTables, UsageTables
from provisioner.access.usage import Spending
from provisioner.errors import FindingsError
from provisioner.spec.table import Table
from tests.support.access_worlds import CATALOG
from tests.support.command import ROOT

EXAMPLES = ROOT / "examples/access"


def findings(read: Callable[[str, str], object], text: str) -> list[str]:
    with pytest.raises(FindingsError) as error:
        read(text, "file.toml")
    return [
        f"{f.span.start.line}:{f.span.start.column} {f.code} {f.message}"
        for f in error.value.result.findings
    ]


def test_every_mistake_of_an_access_file_is_reported_in_one_run() -> None:
    text = """
organisation = 1
[organization]
metered_enabled = "yes"
shared_daily_usd = -1
[[pool]]
provider = "lokal"
name = "a b"
[[policy]]
level = "team"
auth_order = ["byok", "mine"]
[policy.matrix.openai]
host = { allowed = true }
byok = { allow = false }
"""
    assert findings(read_access, text) == [
        '2:1 PRV011 unknown key "organisation"',
        '4:19 PRV012 "organization.metered_enabled": input should be a valid boolean',
        '5:20 PRV012 "organization.shared_daily_usd": input should be greater than or equal to 0',
        "7:12 PRV012 \"pool.provider\": \"lokal\" is not one of 'local', 'docker', 'kubernetes', 'e2b', 'daytona', 'modal' or 'vercel'",
        '8:8 PRV012 "pool.name": has letters, digits, hyphens and underscores only',
        "10:9 PRV012 \"policy.level\": \"team\" is not one of 'system', 'organization' or 'project'",
        "11:23 PRV012 \"policy.auth_order\": \"mine\" is not one of 'byok', 'metered', 'shared', 'host-session' or 'local'",
        "13:1 PRV012 \"policy.matrix.openai.host\": \"host\" is not one of 'byok', 'metered', 'shared', 'host-session' or 'local'",
        '14:10 PRV011 unknown key "allow"',
    ]


@pytest.mark.parametrize(
    ("read", "text", "said"),
    [
        (read_access, "a = ", "1:5 PRV010 "),
        (read_access, '[[pool]]\nname = "a"', '1:3 PRV013 required key "provider" is missing from [[pool]]'),
        (read_access, '[[pool]]\nprovider = "e2b"\nname = "a"\n[[pool]]\nprovider = "local"\nname = "a"',
         "6:8 PRV014 there is another pool of this name"),
        (read_access, '[[policy]]\nlevel = "system"\n[[policy]]\nlevel = "system"',
         "4:9 PRV014 there is another policy of this level for the same project and workload"),
        (read_access, '[[policy]]\nlevel = "system"\nproject = "web"',
         '3:11 PRV014 a policy of the level "system" is for every project'),
        (read_access, '[[cap]]\nmode = "byok"\npool = "e2b"\n[[cap]]\nmode = "byok"\npool = "e2b"',
         "5:8 PRV014 there is another cap of this mode in the same pools"),
        (read_access, '[gateways.eu]\nurl = "http://eu.example.com"',
         '2:7 PRV014 "http://eu.example.com" would get credentials without TLS'),
        (read_access, '[gateways.eu]\ntoken_env = "X"', "2:13 PRV014 Coder AI Gateway has no token_env to choose"),
        (read_access, '[organization]\nmetered_keys = ["codex", "sk-fake0000000000000000000000"]',
         "2:26 PRV014 this looks like a key"),
        (read_access, '[[policy]]\nlevel = "system"\n[policy.matrix."gpt-5.6-soll"]\nbyok = { allowed = false }',
         '3:16 PRV014 "gpt-5.6-soll" is no model id or company of the catalog: the row limits nothing'),
        (read_access, '[[policy]]\nlevel = "system"\nmatrix = { opnai = { byok = {} }, openai = { byok = {} } }',
         '3:12 PRV014 "opnai" is no model id or company of the catalog'),
        (read_catalog, '[[model]]\nmodel_id = "a"\n[[model]]\nmodel_id = "a"',
         '4:12 PRV014 there is another entry for "codex/a"'),
        (read_catalog, '[[model]]\nmodel_id = "a"\nreplaced_by = "gpt-5.5"', '3:15 PRV014 "gpt-5.5" is not in the catalog'),
        (read_catalog, '[[model]]\nmodel_id = "a b"', '2:12 PRV012 "model.model_id": must not contain spaces, quotes or backslashes'),
        (read_catalog, '[[model]]\nmodel_id = "a"\npricing = { input_per_mtoken_cents = 1 }',
         '3:1 PRV013 required key "output_per_mtoken_cents" is missing'),
        (read_profiles, '[[profile]]\nname = "a"\n[[profile]]\nname = "a"',
         "4:8 PRV014 there is another profile of this name and scope"),
        (read_profiles, '[[profile]]\nname = "a"\nscope = "project"',
         '3:9 PRV013 a profile of the scope "project" has no project_id'),
        (read_profiles, '[[profile]]\nname = "a"\nproject_id = "web"',
         '3:14 PRV014 "project_id" has no meaning in the scope "system-default"'),
        (read_profiles, '[[profile]]\nname = "a"\nservice_tier = "slow"',
         "3:16 PRV012 \"profile.service_tier\": \"slow\" is not one of 'auto', 'fast' or 'flex'"),
        (read_usage, '[[spent]]\nday = "2026-08-22"\nmode = "byok"\npool = "e2b"\nusd = 1',
         '2:7 PRV012 "spent.day": '),
        (read_usage, '[[spent]]\nday = 2026-08-22\nmode = "byok"\npool = "e2b"\nusd = inf',
         '5:7 PRV012 "spent.usd": input should be a finite number'),
    ],
)  # fmt: skip
def test_one_mistake(read: Callable[[str, str], object], text: str, said: str) -> None:
    (found,) = findings(read, text)

    assert found.startswith(said)


def test_the_secret_that_does_not_belong_there_is_not_shown() -> None:
    secret = "sk-fake0000000000000000000000"
    text = f'[organization]\nmetered_keys = ["{secret}"]'

    assert secret not in "".join(findings(read_access, text))


def test_a_policy_may_be_about_models_and_companies_of_the_own_catalog() -> None:
    text = """
[[policy]]
level = "system"
[policy.matrix.acme]
byok = { allowed = false }
[policy.matrix.small]
byok = { allowed = false }
"""
    (policy,) = read_access(text, "access.toml", CATALOG).policies
    without = findings(read_access, text)

    assert set(policy.matrix) == {"acme", "small"}
    assert [line.split()[0] for line in without] == ["4:16", "6:16"]


def test_an_access_file_says_what_it_says() -> None:
    text = """
[organization]
name = "acme"
shared_daily_usd = 0.1
[[pool]]
provider = "modal"
name = "m"
active = false
provides = ["codex"]
[[cap]]
mode = "metered"
pool = "modal"
monthly_usd = 12
enforce = "warn"
[[policy]]
level = "project"
project = "web"
workload = "review"
auth_order = ["local", "byok"]
[policy.matrix."*"]
shared = { allowed = false }
byok = { host = "eu", model = "small", enforce = "block" }
"""
    access = read_access(text, "access.toml")

    assert access.organization.shared_daily == Decimal("0.1")
    assert access.pools == (
        Pool("m", PoolProvider.MODAL, is_active=False, provides=frozenset({"codex"})),
    )
    assert access.caps == (
        Cap(AuthMode.METERED, PoolProvider.MODAL, monthly=Decimal(12), warns_only=True),
    )
    assert access.policies == (
        Policy(
            Level.PROJECT,
            {
                "*": {
                    AuthMode.SHARED: Cell(allowed=False),
                    AuthMode.BYOK: Cell(host="eu", model="small", enforce="block"),
                }
            },
            (AuthMode.LOCAL, AuthMode.BYOK),
            "web",
            "review",
        ),
    )


def test_an_empty_access_file_is_this_machine_without_a_policy() -> None:
    assert read_access("", "access.toml") == Access(pools=(THIS_MACHINE,))


def test_a_usage_file_is_exact() -> None:
    text = '[[spent]]\nday = 2026-08-22\nmode = "shared"\npool = "local"\nusd = 0.1\n' * 3

    rows = read_usage(text, "usage.toml")
    assert rows == (
        Spending(date(2026, 8, 22), AuthMode.SHARED, PoolProvider.LOCAL, Decimal("0.1")),
    ) * 3  # fmt: skip


@pytest.mark.parametrize(
    ("name", "read", "model"),
    [
        ("access.toml", read_access, AccessTables),
        ("catalog.toml", read_catalog, CatalogTables),
        ("profiles.toml", read_profiles, ProfileTables),
        ("usage.toml", read_usage, UsageTables),
    ],
)
def test_the_examples_are_valid_by_reader_and_schema(
    name: str, read: Callable[[str, str], object], model: type[Table]
) -> None:
    text = (EXAMPLES / name).read_text(encoding="utf-8")
    content = tomli.loads(text)
    for row in content.get("spent", []):
        row["day"] = row["day"].isoformat()

    assert read(text, name)
    jsonschema.validate(content, model.model_json_schema())

"""The user's ChatGPT login is the credential; the gateway token travels in a header of its own.

An API key anywhere in the workspace breaks this flow, and `forced_login_method` is no guard:
measured on 0.169, with CODEX_API_KEY set it deletes the user's stored ChatGPT login.
"""

from provisioner.flows.base import Flow, PersonalCredential
from provisioner.flows.credential import CHATGPT_LOGIN

__all__ = ["FLOW"]

FLOW = Flow(
    name="chatgpt",
    title="ChatGPT subscription",
    summary="the user's ChatGPT login is the bearer; the gateway token has a header of its own",
    gateway_provider="chatgpt",
    personal_credential=PersonalCredential.CHATGPT_LOGIN,
    credential_kind="byok",
    credentials=(CHATGPT_LOGIN,),
    login_help="Log in once with `codex login --device-auth`, with no API key set anywhere.",
)

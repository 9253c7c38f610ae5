"""Scout's own SDK against the local Scout: its models read our answers, and its client is accepted and refused."""

from __future__ import annotations

import httpx
import pytest
import scout_auth
from conftest import CREDENTIALS, LEGACY_KEYS, Local
from scout_auth.httpx import ScoutAuth
from scoutos import Scout
from scoutos.core import ApiError
from scoutos.types import (
    IssueOrganizationCredentialResponse,
    ListOrganizationCredentialsResponse,
    OrganizationCredential,
)


def signer_of(local: Local) -> scout_auth.Signer:
    about = local.about
    return scout_auth.Signer(about["credential"]["id"], about["private_key"])


def test_the_models_read_a_credential_from_its_creation_to_its_rotation(local: Local) -> None:
    created = local.post(CREDENTIALS, name="prod-api", roles=["member"])
    issued = IssueOrganizationCredentialResponse.model_validate(created)
    assert issued.credential.name == "prod-api"
    assert issued.credential.status == "enabled"
    assert issued.credential.roles == ["member"]
    assert scout_auth.kid(issued.private_key) == issued.credential.kid == scout_auth.kid(issued.credential.public_key)
    one = f"{CREDENTIALS}/{issued.credential.id}"
    rotated = IssueOrganizationCredentialResponse.model_validate(local.post(f"{one}/rotate"))
    assert rotated.credential.name == "prod-api-v2"
    disabled = OrganizationCredential.model_validate(local.patch(one, enabled=False))
    assert disabled.status == "disabled"
    assert disabled.updated_at
    assert disabled.created_at
    assert disabled.updated_at >= disabled.created_at
    listed = ListOrganizationCredentialsResponse.model_validate(local.manager.get(CREDENTIALS).json())
    assert [own.name for own in listed.credentials] == ["first", "prod-api", "prod-api-v2"]
    assert {own.created_by.type for own in listed.credentials} == {"system"}


def test_the_client_is_accepted_with_each_kind_of_bearer_and_refused_once_it_is_disabled(local: Local) -> None:
    signer = signer_of(local)
    legacy = local.post(LEGACY_KEYS)["key"]
    bearers = {"signed_jwt": signer.bearer, "private_key": local.about["private_key"], "legacy_key": legacy}
    with httpx.Client(trust_env=False) as http:
        for means, bearer in bearers.items():
            client = Scout(api_key=bearer, base_url=local.url, httpx_client=http)
            assert client.workflows.with_raw_response.list().data.authenticated_by == means
        client = Scout(api_key=signer.bearer, base_url=local.url, httpx_client=http)
        local.patch(f"{CREDENTIALS}/{signer.credential_id}", enabled=False)
        with pytest.raises(ApiError) as refused:
            client.workflows.list()
    assert refused.value.status_code == 401
    assert refused.value.body["code"] == "ERR_LOCAL_DISABLED"


def test_the_client_with_our_auth_survives_a_clock_that_is_moved(local: Local) -> None:
    """Its one 401 teaches the signer the server's time."""
    signer = signer_of(local)
    with httpx.Client(auth=ScoutAuth(signer), trust_env=False) as http:
        client = Scout(api_key="unused", base_url=local.url, httpx_client=http)
        client.workflows.list()
        local.post("/_local/clock", offset=-600)
        client.workflows.list()
    codes = [request["code"] for request in local.manager.get("/_local/requests").json()["requests"]]
    assert codes == [None, "ERR_TOKEN_FROM_FUTURE", None]

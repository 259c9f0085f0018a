"""Serve the documents with the endpoints and keys of Entra ID.

Source: OpenID Connect Discovery 1.0; Microsoft identity platform, "OpenID Connect".
"""

from __future__ import annotations

from typing import Any

from aiohttp import web

from ..errors import EntraError
from ..service import Service

_SHARED = ("common", "organizations", "consumers")


class DiscoveryRoutes:
    """The handlers of one service.

    :param public_url: root of links; if empty, the root of the request's URL
    """

    def __init__(self, service: Service, public_url: str) -> None:
        self._service = service
        self._public_url = public_url

    def add_to(self, router: web.UrlDispatcher) -> None:
        """Register the handlers."""
        document = "/{tenant}/v2.0/.well-known/openid-configuration"
        router.add_get(document, self.openid_configuration)
        router.add_get("/{tenant}/discovery/v2.0/keys", self.keys)
        router.add_get("/common/discovery/instance", self.instance)

    async def openid_configuration(self, request: web.Request) -> web.Response:
        """Return the URLs of a tenant's endpoints."""
        name = request.match_info["tenant"]
        tenant_id = name.lower()
        if tenant_id not in _SHARED:
            try:
                tenant_id = self._service.identity.tenant(name).id
            except EntraError as error:
                body = error.body(self._service.clock.now())
                return web.json_response(body, status=400)
        issuer = "{tenantid}" if tenant_id in _SHARED else tenant_id
        root = public_root(request, self._public_url)
        oauth = f"{root}/{tenant_id}/oauth2/v2.0"
        document: dict[str, Any] = {
            "issuer": f"https://login.microsoftonline.com/{issuer}/v2.0",
            "authorization_endpoint": f"{oauth}/authorize",
            "token_endpoint": f"{oauth}/token",
            "device_authorization_endpoint": f"{oauth}/devicecode",
            "end_session_endpoint": f"{oauth}/logout",
            "jwks_uri": f"{root}/{tenant_id}/discovery/v2.0/keys",
            "userinfo_endpoint": f"{root}/oidc/userinfo",
            "response_modes_supported": ["query", "fragment", "form_post"],
            "response_types_supported": ["code", "code id_token"],
            "scopes_supported": ["openid", "profile", "email", "offline_access"],
            "subject_types_supported": ["pairwise"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
            "tenant_region_scope": None,
            "cloud_instance_name": "microsoftonline.com",
            "msgraph_host": "graph.microsoft.com",
        }
        return web.json_response(document)

    async def keys(self, request: web.Request) -> web.Response:
        """Return the public keys for id tokens."""
        return web.json_response(self._service.identity.signing_key.public_keys())

    async def instance(self, request: web.Request) -> web.Response:
        """Return the URL of the discovery document for an authority."""
        authority = request.query.get("authorization_endpoint", "")
        root = authority.partition("/oauth2/")[0]
        return web.json_response(
            {
                "tenant_discovery_endpoint": (
                    f"{root}/v2.0/.well-known/openid-configuration"
                ),
                "api-version": "1.1",
                "metadata": [],
            }
        )


def public_root(request: web.Request, public_url: str) -> str:
    """Return the root of links in responses.

    :param public_url: the setting at the start; if empty, the host of the request, with
        the scheme that a proxy reports
    """
    if public_url:
        return public_url
    scheme = request.headers.get("X-Forwarded-Proto", request.scheme)
    return f"{scheme}://{request.host}"

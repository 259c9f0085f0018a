"""Give each error code of Microsoft its reason, a key of ``reasons.py``.

Codes are in lower case. They choose words only: ``graph_errors.py`` decides about the
remedy by class. Source: Graph, "Microsoft Graph error responses"; Entra, "Microsoft
Entra authentication and authorization error codes".
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

#: Codes of Graph.
_OF_GRAPH: Mapping[str, str] = {
    "accessdenied": "no_access",
    "activitylimitreached": "too_many_requests",
    "applicationthrottled": "too_many_requests",
    "authorization_requestdenied": "no_access",
    "badrequest": "not_accepted",
    "conflict": "changed_meanwhile",
    "erroraccessdenied": "no_access",
    "errorduplicatetransactionid": "already_there",
    "errorexceededmessagelimit": "mail_limit",
    "errorinternalservererror": "microsoft_failed",
    "errorinvalididmalformed": "lost_id",
    "errorinvalidparameter": "not_accepted",
    "errorinvalidrequest": "not_accepted",
    "errorinvaliduser": "unknown_mailbox",
    "errorirresolvableconflict": "changed_meanwhile",
    "erroritemnotfound": "not_in_outlook",
    "errormailboxmoveinprogress": "mailbox_busy",
    "errormailboxstoreunavailable": "mailbox_busy",
    "erroroccurrencecrossingboundary": "crosses_neighbour",
    "erroroccurrencetimespantoobig": "longer_than_interval",
    "errorpropertyvalidationfailure": "not_accepted",
    "errorrecurrenceenddatetoobig": "series_too_far",
    "errorrecurrencehasnooccurrence": "series_empty",
    "errorserverbusy": "microsoft_busy",
    "errortimeintervaltoobig": "too_long_a_time",
    "extensionerror": "access_blocked",
    "faileddependency": "microsoft_busy",
    "generalexception": "microsoft_failed",
    "invalidauthenticationtoken": "sign_in_ended",
    "invalidrequest": "not_accepted",
    "itemnotfound": "not_in_outlook",
    "mailboxnotenabledforrestapi": "no_mailbox",
    "mailboxnotsupportedforrestapi": "no_mailbox",
    "request_badrequest": "not_accepted",
    "request_resourcenotfound": "unknown_mailbox",
    "requestbodyread": "not_accepted",
    "resourcenotfound": "not_in_outlook",
    "resyncchangesapplydifferences": "calendar_read_anew",
    "resyncchangesuploaddifferences": "calendar_read_anew",
    "resyncrequired": "calendar_read_anew",
    "serviceunavailable": "microsoft_busy",
    "syncstateinvalid": "calendar_read_anew",
    "syncstatenotfound": "calendar_read_anew",
    "timezonenotsupportedexception": "unknown_zone",
    "toomanyrequests": "too_many_requests",
    "unabletodeserializepostbody": "not_accepted",
    "unknownerror": "microsoft_failed",
    "validationerror": "server_unreachable",
}
#: Status -> reason, if the code says nothing more.
_OF_STATUS: Mapping[int, str] = {
    413: "too_large",
    429: "too_many_requests",
    507: "mailbox_full",
}
#: Of a request for change notifications.
_OF_SUBSCRIPTION: Mapping[str, str] = {
    "no_access": "notifications_refused",
    "access_blocked": "notifications_refused",
    "not_accepted": "server_unreachable",
    "app_wrong": "server_unreachable",
    "changed_meanwhile": "subscribed_twice",
    "already_there": "subscribed_twice",
    "not_in_outlook": "subscription_gone",
}

#: Values of ``error`` in a response of Entra.
_OF_ENTRA: Mapping[str, str] = {
    "access_denied": "consent_declined",
    "authorization_declined": "consent_declined",
    "authorization_pending": "code_waits",
    "bad_verification_code": "code_wrong",
    "consent_required": "no_consent",
    "expired_token": "code_expired",
    "interaction_required": "more_proof",
    "invalid_client": "secret_wrong",
    "invalid_grant": "sign_in_again",
    "invalid_request": "app_wrong",
    "invalid_resource": "app_wrong",
    "invalid_scope": "no_consent",
    "login_required": "sign_in_again",
    "server_error": "microsoft_busy",
    "slow_down": "code_waits",
    "temporarily_unavailable": "microsoft_busy",
    "unauthorized_client": "app_unknown",
    "unsupported_grant_type": "app_wrong",
    "unsupported_response_type": "app_wrong",
}
#: AADSTS numbers: they say more than ``error``.
_OF_NUMBER: Mapping[int, str] = {
    50011: "redirect_wrong",
    50020: "not_in_tenant",
    50034: "user_unknown",
    50053: "user_locked",
    50055: "password_expired",
    50057: "user_disabled",
    50058: "sign_in_again",
    50076: "more_proof",
    50078: "more_proof",
    50079: "more_proof",
    50105: "not_assigned",
    50133: "sign_in_again",
    50173: "sign_in_again",
    50194: "single_tenant",
    50196: "too_many_requests",
    501481: "sign_in_broken",
    53003: "blocked_by_rule",
    54005: "sign_in_broken",
    65001: "no_consent",
    65004: "consent_declined",
    70000: "sign_in_again",
    70002: "secret_wrong",
    70008: "sign_in_expired",
    70011: "no_consent",
    70016: "code_waits",
    70019: "code_expired",
    70043: "sign_in_expired",
    90002: "tenant_wrong",
    700016: "app_unknown",
    700025: "secret_not_wanted",
    700082: "sign_in_expired",
    700084: "sign_in_expired",
    7000215: "secret_wrong",
    7000222: "secret_expired",
}


def reason_of_codes(codes: Collection[str], status: int | None = None) -> str | None:
    """Return the reason for codes of Graph, None if they say nothing.

    :param codes: from the outermost to the most detailed one, in any case
    :param status: of the response
    """
    for code in codes:
        if key := _OF_GRAPH.get(code.lower()):
            if key == "not_accepted" and status in _OF_STATUS:
                break
            return key
    return _OF_STATUS.get(status) if status else None


def reason_of_token_error(code: str | None, numbers: Collection[int]) -> str | None:
    """Return the reason for an error of Entra, None if it is unknown."""
    for number in numbers:
        if key := _OF_NUMBER.get(number):
            return key
    return _OF_ENTRA.get(code or "")


def in_subscription(key: str) -> str:
    """Return the reason that a key means in a request for change notifications."""
    return _OF_SUBSCRIPTION.get(key, key)

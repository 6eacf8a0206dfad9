//! One row for each operation.

use Guard::{Access, Client, ClientAndProof, Nobody, Own, Proof, Staff};

/// Who may ask.
#[derive(Clone, Copy)]
pub(super) enum Guard {
    /// Anybody.
    Nobody,
    /// Whoever holds the key that is enrolled: a proof and nothing else.
    Proof,
    /// A client that proves who it is, with a proof of its key.
    ClientAndProof,
    /// A client that proves who it is.
    Client,
    /// A staff member at an enrolled device.
    Staff,
    /// Whoever holds an access token and its key.
    Access,
    /// A person who has come in with their own card.
    Own,
    /// A municipality's system with its key.
    Insurer,
    /// A user of the functions that stand in for the national standard 1.0.
    Standard,
}

impl Guard {
    pub(super) fn scheme(self) -> Option<&'static str> {
        match self {
            Self::Nobody | Self::Proof => None,
            Self::ClientAndProof | Self::Client => Some("client"),
            Self::Staff => Some("staff_token"),
            Self::Access => Some("access_token"),
            Self::Own => Some("own_token"),
            Self::Insurer => Some("municipality_key"),
            Self::Standard => Some("standard_token"),
        }
    }

    pub(super) fn wants_proof(self) -> bool {
        !matches!(self, Self::Nobody | Self::Client | Self::Insurer | Self::Standard)
    }
}

/// Status, media type and schema, and what it means.
pub(super) type Gives = (u16, &'static str, &'static str, &'static str);

#[derive(Clone, Copy)]
pub(super) struct Operation {
    pub(super) method: &'static str,
    pub(super) path: &'static str,
    pub(super) name: &'static str,
    pub(super) tag: &'static str,
    pub(super) says: &'static str,
    pub(super) guard: Guard,
    pub(super) query: &'static [&'static str],
    /// Media type and schema of the body.
    pub(super) takes: Option<(&'static str, &'static str)>,
    pub(super) gives: &'static [Gives],
}

pub(super) const JSON: &str = "application/json";
pub(super) const FORM: &str = "application/x-www-form-urlencoded";
pub(super) const HTML: &str = "text/html";
const OCSP: &str = "application/ocsp-response";

pub(super) const fn operation(
    (method, path): (&'static str, &'static str),
    (tag, name, says): (&'static str, &'static str, &'static str),
    guard: Guard,
    takes: Option<(&'static str, &'static str)>,
    gives: &'static [Gives],
) -> Operation {
    Operation { method, path, name, tag, says, guard, query: &[], takes, gives }
}

pub(super) const fn asked(operation: Operation, query: &'static [&'static str]) -> Operation {
    Operation { query, ..operation }
}

pub(super) const OPERATIONS: [Operation; 47] = [
    operation(
        ("GET", "/"),
        ("about", "start", "What this is, for a browser"),
        Nobody,
        None,
        &[(200, HTML, "Page", "a page in Japanese and English")],
    ),
    operation(
        ("GET", "/openapi.json"),
        ("about", "openapi", "This document"),
        Nobody,
        None,
        &[(200, JSON, "Document", "OpenAPI 3.1")],
    ),
    operation(
        ("GET", "/.well-known/oauth-authorization-server"),
        ("about", "metadata", "What the token service offers (RFC 8414)"),
        Nobody,
        None,
        &[(200, JSON, "Metadata", "its metadata")],
    ),
    operation(
        ("GET", "/.well-known/oauth-authorization-server/staff"),
        ("about", "staffMetadata", "What the issuer for staff offers (RFC 8414 §3.1)"),
        Nobody,
        None,
        &[(200, JSON, "Metadata", "its metadata")],
    ),
    operation(
        ("GET", "/.well-known/oauth-protected-resource"),
        ("about", "resource", "What the resource demands (RFC 9728)"),
        Nobody,
        None,
        &[(200, JSON, "Metadata", "its metadata")],
    ),
    operation(
        ("GET", "/.well-known/jwks.json"),
        ("about", "keys", "The keys that sign, those after them, and those before (RFC 7517)"),
        Nobody,
        None,
        &[(200, JSON, "KeySet", "public keys")],
    ),
    operation(
        ("POST", "/v1/devices"),
        ("devices", "enrolDevice", "Enrol a device with an activation code"),
        Proof,
        Some((JSON, "Enrolment")),
        &[(201, JSON, "Device", "enrolled")],
    ),
    operation(
        ("GET", "/v1/devices"),
        ("devices", "listDevices", "The facility's devices, for its administrators"),
        Staff,
        None,
        &[(200, JSON, "Devices", "all of them")],
    ),
    operation(
        ("GET", "/v1/devices/self"),
        ("devices", "thisDevice", "What this device has to know now"),
        Staff,
        None,
        &[(200, JSON, "Device", "as it is now")],
    ),
    operation(
        ("POST", "/v1/devices/self/key"),
        ("devices", "rollDeviceKey", "Another key for this device; the old one is dead"),
        Staff,
        Some((JSON, "KeyRollover")),
        &[(200, JSON, "Device", "as it is now"), (201, JSON, "Device", "as it is now")],
    ),
    operation(
        ("DELETE", "/v1/devices/{id}"),
        ("devices", "killDevice", "End a device and all that it has, for administrators"),
        Staff,
        None,
        &[(200, JSON, "Done", "it is dead")],
    ),
    operation(
        ("POST", "/staff/par"),
        ("staff", "pushSignIn", "Begin a sign-in (RFC 9126)"),
        ClientAndProof,
        Some((FORM, "PushedSignIn")),
        &[(201, JSON, "Pushed", "a request_uri for the browser")],
    ),
    asked(
        operation(
            ("GET", "/staff/authorize"),
            ("staff", "authorize", "The page on which staff sign in, for their browser"),
            Nobody,
            None,
            &[
                (200, HTML, "Page", "the page"),
                (302, "", "", "signed in already: back to the device"),
                (303, "", "", "signed in already: back to the device"),
                (400, HTML, "Page", "a page that says it cannot go on, or not as it should be"),
            ],
        ),
        &["client_id", "request_uri"],
    ),
    operation(
        ("POST", "/staff/login"),
        ("staff", "login", "What the page sends"),
        Nobody,
        Some((FORM, "Login")),
        &[
            (200, HTML, "Page", "the page again, with what was wrong"),
            (302, "", "", "signed in: back to the device"),
            (303, "", "", "signed in: back to the device"),
            (400, HTML, "Page", "a page that says it cannot go on, or not as it should be"),
            (401, HTML, "Page", "the page again, with what was wrong"),
            (403, HTML, "Page", "the page again, with what was wrong"),
        ],
    ),
    operation(
        ("POST", "/staff/token"),
        ("staff", "staffToken", "A code for staff and ID token (RFC 6749 §4.1.3)"),
        ClientAndProof,
        Some((FORM, "CodeGrant")),
        &[(200, JSON, "StaffTokens", "signed in")],
    ),
    operation(
        ("GET", "/staff/userinfo"),
        ("staff", "userInfo", "Who is signed in"),
        Staff,
        None,
        &[(200, JSON, "Metadata", "claims of the staff member")],
    ),
    operation(
        ("POST", "/staff/sign-out"),
        ("staff", "signOut", "End all sessions and tokens of the staff member, everywhere"),
        Staff,
        None,
        &[(200, JSON, "Done", "signed out"), (204, "", "", "signed out")],
    ),
    operation(
        ("GET", "/staff/jwks"),
        ("staff", "staffKeys", "The keys of the issuer for staff (RFC 7517)"),
        Nobody,
        None,
        &[(200, JSON, "KeySet", "public keys")],
    ),
    operation(
        ("GET", "/staff/.well-known/openid-configuration"),
        (
            "staff",
            "openidConfiguration",
            "What the issuer for staff offers (OpenID Connect Discovery)",
        ),
        Nobody,
        None,
        &[(200, JSON, "Metadata", "its metadata")],
    ),
    operation(
        ("POST", "/v1/challenges"),
        (
            "exchange",
            "challenge",
            "Something fresh for the card to sign, once the face is confirmed",
        ),
        Staff,
        Some((JSON, "ChallengeRequest")),
        &[(201, JSON, "Challenges", "given out")],
    ),
    operation(
        ("POST", "/v1/token"),
        (
            "exchange",
            "token",
            "Evidence of a person for an access token (RFC 8693), or a server's own token",
        ),
        ClientAndProof,
        Some((FORM, "Exchange")),
        &[(200, JSON, "Granted", "a token bound to the key of the proof")],
    ),
    operation(
        ("POST", "/v1/introspect"),
        ("exchange", "introspect", "Whether a token is good now (RFC 7662)"),
        Client,
        Some((FORM, "TokenQuestion")),
        &[(200, JSON, "Introspection", "what is known of it")],
    ),
    operation(
        ("POST", "/v1/revoke"),
        ("exchange", "revoke", "End a token of one's own (RFC 7009)"),
        Client,
        Some((FORM, "TokenQuestion")),
        &[(200, JSON, "Done", "it is over, or never was")],
    ),
    operation(
        ("GET", "/v1/client"),
        ("resources", "client", "Whose token this is, for servers of ISVs"),
        Access,
        None,
        &[(200, JSON, "Metadata", "the client")],
    ),
    operation(
        ("GET", "/v1/qualification"),
        ("resources", "qualification", "Which nursing care the person is entitled to"),
        Access,
        None,
        &[(200, JSON, "Metadata", "the entitlement")],
    ),
    operation(
        ("POST", "/v1/users/search"),
        ("users", "searchUsers", "Whom the facility has registered, page by page"),
        Staff,
        Some((JSON, "UserSearch")),
        &[(200, JSON, "Users", "a page, in order of name and subject")],
    ),
    operation(
        ("POST", "/v1/users/open"),
        ("users", "openUser", "A handle to somebody's registration, for this device"),
        Staff,
        Some((JSON, "UserNamed")),
        &[(200, JSON, "UserOpened", "to be exchanged as one of a visit is")],
    ),
    operation(
        ("POST", "/v1/users/end"),
        ("users", "endUser", "The end of a contract, and of all that the facility has of somebody"),
        Staff,
        Some((JSON, "UserNamed")),
        &[(200, JSON, "UserEnded", "it is over")],
    ),
    asked(
        operation(
            ("GET", "/v1/information/{kind}"),
            (
                "resources",
                "information",
                "What is known of the person of one kind, as far as it is shared",
            ),
            Access,
            None,
            &[(200, JSON, "Information", "the records that may be seen, the latest first")],
        ),
        &["after"],
    ),
    operation(
        ("GET", "/v1/consent"),
        ("resources", "consent", "Where the person's comprehensive consent stands"),
        Access,
        None,
        &[(200, JSON, "Consent", "the consent, and whether it may be taken here")],
    ),
    operation(
        ("POST", "/v1/consent"),
        ("resources", "takeConsent", "Take the consent in the municipality's stead"),
        Access,
        Some((JSON, "ConsentTaken")),
        &[(200, JSON, "Consent", "sent before, or given already"), (201, JSON, "Consent", "given")],
    ),
    operation(
        ("POST", "/v1/filings"),
        ("resources", "file", "File a notice that a care plan will be made"),
        Access,
        Some((JSON, "Notice")),
        &[(200, JSON, "Filing", "sent before"), (201, JSON, "Filing", "in the insurer's inbox")],
    ),
    operation(
        ("POST", "/v1/filings/search"),
        ("users", "filings", "The facility's notices, the newest first"),
        Staff,
        Some((JSON, "FilingSearch")),
        &[(200, JSON, "Filings", "a page of them")],
    ),
    operation(
        ("POST", "/portal/challenge"),
        ("portal", "ownChallenge", "Something for a person's own card to sign"),
        Proof,
        Some((JSON, "OwnChallengeRequest")),
        &[(201, JSON, "Challenges", "a challenge for the key of the proof")],
    ),
    operation(
        ("POST", "/portal/session"),
        ("portal", "ownSession", "In with one's own card and PIN"),
        Proof,
        Some((JSON, "OwnAssertion")),
        &[(201, JSON, "OwnSession", "a token for ten minutes, bound to the key of the proof")],
    ),
    operation(
        ("GET", "/portal/v1/entitlement"),
        ("portal", "ownEntitlement", "Which nursing care one is entitled to"),
        Own,
        None,
        &[(200, JSON, "Metadata", "one's own entitlement")],
    ),
    operation(
        ("GET", "/portal/v1/progress"),
        ("portal", "ownProgress", "How one's applications for certification go"),
        Own,
        None,
        &[(200, JSON, "Information", "the applications, the latest first")],
    ),
    operation(
        ("GET", "/portal/v1/consent"),
        ("portal", "ownConsent", "Where one's comprehensive consent stands"),
        Own,
        None,
        &[(200, JSON, "OwnConsent", "the consent")],
    ),
    operation(
        ("POST", "/portal/v1/consent/withdraw"),
        ("portal", "withdrawConsent", "Withdraw one's consent: nothing is served from now on"),
        Own,
        Some((JSON, "Withdrawal")),
        &[(200, JSON, "OwnConsent", "the consent, as it is now")],
    ),
    operation(
        ("POST", "/portal/v1/accesses/search"),
        ("portal", "accesses", "Who was shown what of one, and when"),
        Own,
        Some((JSON, "AccessSearch")),
        &[(200, JSON, "Accesses", "a page, the last first")],
    ),
    operation(
        ("POST", "/v1/opinions"),
        ("users", "submitOpinion", "Send a physician's opinion that an insurer has asked for"),
        Staff,
        Some((JSON, "WrittenOpinion")),
        &[(200, JSON, "Opinion", "sent before"), (201, JSON, "Opinion", "with the insurer")],
    ),
    operation(
        ("POST", "/v1/opinions/search"),
        ("users", "opinions", "The opinions that the facility was asked for, the newest first"),
        Staff,
        Some((JSON, "FilingSearch")),
        &[(200, JSON, "Opinions", "a page of them")],
    ),
    operation(
        ("GET", "/jlis"),
        ("authority", "authorities", "The test authorities that the sandbox plays"),
        Nobody,
        None,
        &[(200, JSON, "Metadata", "where each publishes what")],
    ),
    asked(
        operation(
            ("GET", "/jlis/root"),
            ("authority", "root", "A root certificate"),
            Nobody,
            None,
            &[
                (200, "application/pkix-cert", "Bytes", "in DER"),
                (400, "text/plain", "Page", "not as it should be"),
                (404, "text/plain", "Page", "no such authority"),
            ],
        ),
        &["issuer"],
    ),
    asked(
        operation(
            ("GET", "/jlis/crl"),
            ("authority", "list", "A revocation list (RFC 5280 §5)"),
            Nobody,
            None,
            &[
                (200, "application/pkix-crl", "Bytes", "in DER"),
                (400, "text/plain", "Page", "not as it should be"),
                (404, "text/plain", "Page", "no such list"),
            ],
        ),
        &["issuer", "partition"],
    ),
    operation(
        ("POST", "/jlis/ocsp"),
        ("authority", "ocsp", "Whether a certificate is revoked (RFC 6960)"),
        Nobody,
        Some(("application/ocsp-request", "Bytes")),
        &[
            (200, OCSP, "Bytes", "the responder's answer"),
            (400, "text/plain", "Page", "not as it should be"),
            (413, "text/plain", "Page", "too long"),
            (415, "text/plain", "Page", "not an OCSP request"),
        ],
    ),
    operation(
        ("GET", "/jlis/ocsp/{request}"),
        ("authority", "ocspByGet", "The same, with the request in base64 in the path"),
        Nobody,
        None,
        &[(200, OCSP, "Bytes", "the responder's answer")],
    ),
];

//! What goes over the wire, as JSON schemas. Examples are nobody's.

use serde_json::{Value, json};
use utoipa::openapi::{RefOr, Schema};

/// Any text.
pub(super) fn text() -> RefOr<Schema> {
    super::schema(said("string"))
}

/// Every schema by its name.
pub(super) fn all() -> Vec<(&'static str, RefOr<Schema>)> {
    written().into_iter().map(|(name, json)| (name, super::schema(json))).collect()
}

fn said(kind: &str) -> Value {
    json!({ "type": kind })
}

#[expect(clippy::needless_pass_by_value, reason = "it reads better in the table")]
fn list(of: Value) -> Value {
    json!({ "type": "array", "items": of })
}

/// An object whose members all have to be there but those whose name ends in `?`; it may have more.
fn object(members: &[(&str, Value)]) -> Value {
    let mut properties = serde_json::Map::new();
    let mut required = Vec::new();
    for (name, schema) in members {
        let plain = name.trim_end_matches('?');
        if plain == *name {
            required.push(plain);
        }
        properties.insert(plain.to_owned(), schema.clone());
    }
    if required.is_empty() {
        json!({ "type": "object", "properties": properties })
    } else {
        json!({ "type": "object", "properties": properties, "required": required })
    }
}

/// A form of texts.
fn form(fields: &[&str]) -> Value {
    let fields: Vec<_> = fields.iter().map(|field| (*field, said("string"))).collect();
    object(&fields)
}

fn one_of(values: &[&str]) -> Value {
    json!({ "type": "string", "enum": values })
}

/// How each schema is written.
#[expect(clippy::too_many_lines, reason = "a table")]
pub(super) fn written() -> Vec<(&'static str, Value)> {
    let text = || said("string");
    let time = || json!({ "type": "string", "format": "date-time" });
    let number = || said("integer");
    let jwk = || {
        let kty = one_of(&["EC"]);
        object(&[("kty", kty), ("crv", one_of(&["P-256"])), ("x", text()), ("y", text())])
    };
    let client = ["client_id?", "client_assertion_type?", "client_assertion?"];
    let of_client = |more: &[&'static str]| form(&[&client[..], more].concat());
    let look = object(&[
        ("result", one_of(&["match"])),
        ("checked_at", time()),
        ("basis", one_of(&["printed_photo", "chip_photo"])),
    ]);
    let purposes = one_of(&["view", "register", "consent", "care_plan_notice"]);
    let mut refusal = object(&[
        ("error", text()),
        ("kaigo_error", text()),
        ("field?", text()),
        ("server_time", time()),
    ]);
    refusal["example"] = json!({
        "error": "invalid_request", "kaigo_error": "request_malformed",
        "server_time": "2026-11-20T01:02:03Z"
    });
    let confirmed = object(&[
        ("method", text()),
        ("verified_at", time()),
        ("fresh_until", time()),
        ("sub", text()),
    ]);
    let day = || json!({ "type": "string", "format": "date" });
    let listed = object(&[
        ("subject", text()),
        ("name_kana", text()),
        ("birth_date", json!({ "type": ["string", "null"] })),
        ("sex", text()),
        ("insurer_number", text()),
        ("insured_number", text()),
        ("method", text()),
        ("verified_at", time()),
        ("valid_until", time()),
        ("changed", list(text())),
        ("due", list(object(&[("what", text()), ("until", day())]))),
    ]);
    let uuid = || json!({ "type": "string", "format": "uuid" });
    let filing = object(&[
        ("id", uuid()),
        ("kind", text()),
        ("start_on", json!({ "type": "string", "format": "date" })),
        ("replaces", json!({ "type": ["string", "null"], "format": "uuid" })),
        ("status", text()),
        ("received_at", time()),
        ("reason", json!({ "type": ["string", "null"] })),
        ("server_time?", time()),
    ]);
    let maybe = || json!({ "type": ["string", "null"], "format": "date-time" });
    let own_consent = object(&[
        ("state", one_of(&["none", "given", "withdrawn"])),
        ("given_at", maybe()),
        ("taken_by", json!({ "type": ["string", "null"] })),
        ("withdrawn_at", maybe()),
        ("server_time", time()),
    ]);
    let access = object(&[
        ("at", time()),
        ("facility_id", text()),
        ("facility_name", text()),
        ("role", text()),
        ("what", text()),
        ("method", text()),
        ("disaster", said("boolean")),
    ]);
    let opinion = object(&[
        ("id", uuid()),
        ("insurer_number", text()),
        ("insured_number", text()),
        ("name_kana", text()),
        ("birth_date", json!({ "type": ["string", "null"] })),
        ("applied_on", day()),
        ("requested_at", time()),
        ("status", one_of(&["requested", "received"])),
        ("written_on", json!({ "type": ["string", "null"], "format": "date" })),
        ("physician_consent", json!({ "type": ["string", "null"] })),
        ("received_at", json!({ "type": ["string", "null"], "format": "date-time" })),
        ("server_time?", time()),
    ]);
    vec![
        ("Refusal", refusal),
        ("Document", said("object")),
        ("Metadata", said("object")),
        ("Page", text()),
        ("Bytes", json!({ "type": "string", "format": "binary" })),
        ("Done", object(&[("server_time?", time())])),
        ("KeySet", object(&[("keys", list(said("object")))])),
        ("Enrolment", object(&[("activation_code", text()), ("jwk", jwk()), ("csr?", text())])),
        ("KeyRollover", object(&[("jwk", jwk()), ("proof", text()), ("csr?", text())])),
        (
            "Device",
            object(&[
                ("device_id", text()),
                ("label", text()),
                ("facility_id", text()),
                ("facility_name?", text()),
                ("issuer", text()),
                ("staff_issuer", text()),
                ("challenge_keys", list(said("object"))),
                ("certificate_chain?", list(text())),
                ("policy", said("object")),
                ("server_time", time()),
            ]),
        ),
        ("Devices", object(&[("devices", list(said("object"))), ("server_time", time())])),
        (
            "PushedSignIn",
            of_client(&[
                "response_type",
                "redirect_uri",
                "scope",
                "state?",
                "nonce?",
                "code_challenge",
                "code_challenge_method",
                "prompt?",
                "max_age?",
            ]),
        ),
        ("Pushed", object(&[("request_uri", text()), ("expires_in", number())])),
        ("Login", said("object")),
        ("CodeGrant", of_client(&["grant_type", "code", "redirect_uri", "code_verifier"])),
        (
            "StaffTokens",
            object(&[
                ("access_token", text()),
                ("token_type", one_of(&["DPoP"])),
                ("expires_in", number()),
                ("id_token", text()),
                ("scope?", text()),
            ]),
        ),
        (
            "ChallengeRequest",
            object(&[
                ("method", one_of(&["card_pin", "card_tap"])),
                ("purpose", list(purposes)),
                ("facility_id", text()),
                ("visit_id", json!({ "type": "string", "format": "uuid" })),
                ("subject_hint?", text()),
                ("visual_check", look),
                ("vsn", number()),
            ]),
        ),
        (
            "Challenges",
            object(&[
                ("challenges", list(object(&[("challenge", text())]))),
                ("server_time", time()),
            ]),
        ),
        (
            "TicketRequest",
            object(&[
                ("vsn", number()),
                ("facility_id", text()),
                ("hours?", number()),
                ("tickets", list(object(&[("subject?", text())]))),
            ]),
        ),
        (
            "Tickets",
            object(&[
                ("tickets", list(object(&[("ticket", text())]))),
                ("journal", object(&[("next", number())])),
                ("server_time", time()),
            ]),
        ),
        (
            "TicketReturn",
            object(&[("vsn", number()), ("tickets?", list(text())), ("all_but?", list(text()))]),
        ),
        (
            "OfflineVisit",
            object(&[
                ("vsn", number()),
                ("evidence", text()),
                ("evidence_type", text()),
                ("insurance_domain", one_of(&["care", "medical"])),
            ]),
        ),
        (
            "OfflineVisitResult",
            object(&[
                ("result", one_of(&["confirmed", "refused"])),
                ("again", said("boolean")),
                ("offline", said("boolean")),
                ("id", uuid()),
                ("honnin?", said("object")),
                ("registered_until?", maybe()),
                ("evidence_token?", text()),
                ("code?", text()),
                ("field?", text()),
                ("journal", object(&[("next", number())])),
                ("server_time", time()),
            ]),
        ),
        ("OfflineNote", object(&[("vsn", number()), ("note", text())])),
        (
            "OfflineNoteResult",
            object(&[
                ("result", one_of(&["done", "refused"])),
                ("again", said("boolean")),
                ("id", uuid()),
                ("code?", text()),
                ("field?", text()),
                ("journal", object(&[("next", number())])),
                ("server_time", time()),
            ]),
        ),
        ("TicketsReturned", object(&[("returned", number()), ("server_time", time())])),
        (
            "Exchange",
            of_client(&[
                "grant_type",
                "subject_token?",
                "subject_token_type?",
                "actor_token?",
                "actor_token_type?",
                "requested_token_type?",
                "resource?",
                "scope?",
            ]),
        ),
        (
            "Granted",
            object(&[
                ("access_token", text()),
                ("issued_token_type?", text()),
                ("token_type", text()),
                ("expires_in", number()),
                ("scope", text()),
                ("evidence_token?", text()),
                ("registration?", text()),
                ("honnin?", confirmed),
                ("server_time", time()),
            ]),
        ),
        (
            "UserSearch",
            object(&[
                ("kana?", text()),
                ("birth_date?", text()),
                ("due?", said("boolean")),
                ("after?", text()),
                ("limit?", json!({ "type": "integer", "minimum": 1, "maximum": 500 })),
            ]),
        ),
        (
            "Users",
            object(&[
                ("users", list(listed)),
                ("hidden", number()),
                ("next", json!({ "type": ["string", "null"] })),
                ("as_of", time()),
                ("server_time", time()),
            ]),
        ),
        ("UserNamed", object(&[("subject", text())])),
        (
            "UserOpened",
            object(&[("registration", text()), ("valid_until", time()), ("server_time", time())]),
        ),
        ("UserEnded", object(&[("ended", said("boolean")), ("server_time", time())])),
        (
            "Information",
            object(&[
                ("kind", text()),
                ("as_of", time()),
                ("records", list(said("object"))),
                ("next", json!({ "type": ["string", "null"] })),
                ("server_time", time()),
            ]),
        ),
        (
            "Consent",
            object(&[
                ("state", one_of(&["none", "given", "withdrawn"])),
                ("given_at", json!({ "type": ["string", "null"], "format": "date-time" })),
                ("taken_by", json!({ "type": ["string", "null"] })),
                ("withdrawn_at", json!({ "type": ["string", "null"], "format": "date-time" })),
                (
                    "may_take",
                    object(&[
                        ("allowed", said("boolean")),
                        ("why", json!({ "type": ["string", "null"] })),
                        ("until", json!({ "type": ["string", "null"], "format": "date" })),
                    ]),
                ),
                ("server_time", time()),
            ]),
        ),
        (
            "ConsentTaken",
            object(&[("id", uuid()), ("explained", said("boolean")), ("agreed", said("boolean"))]),
        ),
        (
            "Notice",
            object(&[
                ("id", uuid()),
                ("kind", one_of(&["care_plan", "preventive_care_plan"])),
                ("start_on", json!({ "type": "string", "format": "date" })),
                ("assent", said("boolean")),
                ("replaces?", json!({ "type": ["string", "null"], "format": "uuid" })),
            ]),
        ),
        ("Filing", filing.clone()),
        (
            "FilingSearch",
            object(&[
                ("after?", text()),
                ("limit?", json!({ "type": "integer", "minimum": 1, "maximum": 500 })),
            ]),
        ),
        (
            "Filings",
            object(&[
                ("filings", list(filing)),
                ("next", json!({ "type": ["string", "null"] })),
                ("server_time", time()),
            ]),
        ),
        ("OwnChallengeRequest", object(&[("vsn", number())])),
        ("OwnAssertion", object(&[("assertion", text())])),
        (
            "OwnSession",
            object(&[
                ("access_token", text()),
                ("token_type", one_of(&["DPoP"])),
                ("expires_in", number()),
                ("server_time", time()),
            ]),
        ),
        ("OwnConsent", own_consent),
        ("Withdrawal", object(&[("withdraw", said("boolean"))])),
        (
            "AccessSearch",
            object(&[
                ("after?", text()),
                ("limit?", json!({ "type": "integer", "minimum": 1, "maximum": 500 })),
            ]),
        ),
        (
            "Accesses",
            object(&[
                ("accesses", list(access)),
                ("next", json!({ "type": ["string", "null"] })),
                ("as_of", time()),
                ("server_time", time()),
            ]),
        ),
        (
            "WrittenOpinion",
            object(&[
                ("id", uuid()),
                ("written_on", day()),
                ("text", text()),
                ("physician_consent", one_of(&["yes", "no", "unknown"])),
            ]),
        ),
        ("Opinion", opinion.clone()),
        (
            "Opinions",
            object(&[
                ("opinions", list(opinion)),
                ("next", json!({ "type": ["string", "null"] })),
                ("server_time", time()),
            ]),
        ),
        ("BoardPassword", form(&["password"])),
        (
            "Import",
            object(&[
                ("id", text()),
                ("kind", text()),
                ("insurers", list(text())),
                ("state", one_of(&["running", "done", "faulty", "stopped"])),
                ("received_at", time()),
                ("rows?", number()),
                ("found?", number()),
                ("findings?", list(said("object"))),
                ("why?", text()),
                ("server_time?", time()),
            ]),
        ),
        (
            "StandardAnswer",
            object(&[
                ("result", one_of(&["ok", "error"])),
                ("data?", said("object")),
                ("error?", object(&[("code", text()), ("message", text())])),
                ("server_time", time()),
            ]),
        ),
        (
            "StandardLogin",
            object(&[("user_id", text()), ("password", text()), ("one_time_code?", text())]),
        ),
        ("StandardRenewal", object(&[("refresh_token", text())])),
        (
            "StandardPage",
            object(&[
                ("after?", text()),
                ("limit?", json!({ "type": "integer", "minimum": 1, "maximum": 500 })),
            ]),
        ),
        ("StandardUser", object(&[("insurer_number", text()), ("insured_number", text())])),
        (
            "StandardPlan",
            object(&[
                ("id", uuid()),
                ("receiver", text()),
                ("insurer_number", text()),
                ("insured_number", text()),
                ("tables", list(object(&[("table", number()), ("text", text())]))),
            ]),
        ),
        ("TokenQuestion", of_client(&["token", "token_type_hint?"])),
        ("Introspection", object(&[("active", said("boolean"))])),
    ]
}

//! Which rooms there are, and which way dependencies go.

/// A room with those it uses. What these use, it may use too.
pub(super) type Room = (&'static str, &'static [&'static str]);

/// A crate with rooms: its modules, or the files of its folder.
pub(super) struct House {
    /// Where its sources lie.
    pub(super) sources: &'static str,
    /// Its rooms from the ground floor up: each uses only what stands above it in this list.
    pub(super) rooms: &'static [Room],
    /// What stands in the root and may be used from every room: macros and the like, which use no room.
    pub(super) ground: &'static [&'static str],
    /// The rooms of the core that may be used from here, if not all that are public.
    pub(super) of_core: Option<&'static [&'static str]>,
}

pub(super) const HOUSES: [House; 4] = [CORE, FFI, SANDBOX, COMMAND];

const CORE: House = House {
    sources: "core/src",
    rooms: &[
        ("date", &[]),
        ("message", &[]),
        ("flow", &["message", "date"]),
        ("iso7816", &["flow"]),
        ("card", &["iso7816", "date"]),
        ("pki", &["iso7816", "date"]),
        ("reading", &["card", "pki"]),
        ("platform", &["flow"]),
        ("host", &["platform"]),
        ("exchange", &["platform", "card", "pki"]),
        ("kaigo", &["exchange", "date"]),
        ("visit", &["kaigo", "reading"]),
        // A person's own: no visit, and no facility.
        ("portal", &["kaigo", "reading"]),
        // What a server checks: apart from conversations.
        ("resource", &["platform"]),
        // Drivers answer requests and know nothing above them.
        ("link", &["flow"]),
        // Above all of them, and in no program that ships: what fuzzers call, and what must not compile elsewhere.
        ("fuzzing", &["visit", "reading", "link"]),
        ("closed", &["reading"]),
    ],
    ground: &[],
    of_core: None,
};

/// Files here: records and what they are made of, then the one object, then the functions that make one.
const FFI: House = House {
    sources: "ffi/src",
    rooms: &[
        ("failure", &[]),
        ("browse", &[]),
        ("sign", &[]),
        ("keep", &[]),
        ("http", &[]),
        ("card", &["failure"]),
        ("way", &[]),
        ("certificate", &["failure"]),
        ("enrolment", &["failure"]),
        ("term", &[]),
        ("entitlement", &["failure", "term"]),
        ("users", &["entitlement"]),
        ("consent", &["failure", "term"]),
        ("filing", &["failure", "term"]),
        ("information", &["term"]),
        ("person", &["certificate"]),
        ("printed", &["person", "way"]),
        ("request", &["card", "http", "printed"]),
        ("reply", &["browse", "failure", "http", "keep", "printed", "sign"]),
        ("http_client", &["reply"]),
        ("signed_in", &[]),
        ("journal", &["certificate", "keep", "sign"]),
        (
            "outcome",
            &[
                "card",
                "consent",
                "enrolment",
                "filing",
                "information",
                "journal",
                "person",
                "signed_in",
                "users",
                "way",
            ],
        ),
        ("conversation", &["outcome", "reply", "request"]),
        ("host", &["conversation"]),
        ("reading", &["conversation"]),
        ("visit", &["host"]),
        ("care", &["visit"]),
        ("offline", &["visit"]),
        ("sign_in", &["visit"]),
        ("enrol", &["conversation"]),
    ],
    ground: &["hidden", "milliseconds", "mirror", "moment"],
    of_core: None,
};

const SANDBOX: House = House {
    sources: "examples/sandbox/src",
    rooms: &[
        ("base", &[]),
        ("audit", &["base"]),
        ("jlis", &["base"]),
        ("kiban", &["base"]),
        ("pmh", &["base"]),
        ("device", &["audit"]),
        ("staff", &["device"]),
        ("board", &["staff"]),
        ("qualification", &["jlis"]),
        ("insurer", &["qualification", "pmh", "kiban"]),
        ("sts", &["audit", "staff", "qualification", "pmh", "jlis", "kiban"]),
        ("web_service", &["sts", "insurer", "kiban"]),
        // What was done without coverage, and is sent later.
        ("offline", &["sts", "web_service"]),
        // A person comes in with their card, and no facility does.
        ("portal", &["sts", "kiban"]),
        ("server", &["offline", "portal", "board"]),
        // Above all of them, behind a feature: with the people of the virtual cards.
        ("world", &["server"]),
    ],
    ground: &[],
    // Everything else it judges itself: the two sides of a visit share no code.
    of_core: Some(&["pki"]),
};

const COMMAND: House = House {
    sources: "examples/cli/src",
    rooms: &[
        ("dates", &[]),
        ("input", &[]),
        ("interrupt", &[]),
        ("printable", &[]),
        ("arguments", &["printable"]),
        ("report", &["input", "interrupt", "printable"]),
        ("der_file", &["report"]),
        ("private_file", &["report"]),
        ("http", &["der_file"]),
        ("enrolment", &["private_file", "http"]),
        ("evidence", &["private_file"]),
        ("registration", &["private_file"]),
        ("journal", &["enrolment"]),
        ("browser", &["interrupt", "report"]),
        ("terminal", &["arguments", "interrupt", "report"]),
        (
            "commands",
            &[
                "browser",
                "terminal",
                "dates",
                "der_file",
                "enrolment",
                "evidence",
                "registration",
                "journal",
            ],
        ),
    ],
    ground: &[],
    of_core: None,
};

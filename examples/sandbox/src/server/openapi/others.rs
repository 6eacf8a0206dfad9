//! The rows of those who are no device of a facility: care software by the national standard's shape, municipalities' systems,
//! and reviewers.

use super::operations::Guard::{Insurer, Nobody, Standard};
use super::operations::{FORM, Gives, HTML, JSON, Operation, asked, operation};

/// Whatever is asked of the functions that stand in for the national standard 1.0.
const STANDARD: &[Gives] = &[
    (200, JSON, "StandardAnswer", "what was asked for, or an error of the matter"),
    (400, JSON, "StandardAnswer", "not as it should be"),
    (401, JSON, "StandardAnswer", "no sign-in that counts"),
    (403, JSON, "StandardAnswer", "locked: wait as long as Retry-After says"),
    (500, JSON, "StandardAnswer", "a fault of the server's own"),
    (503, JSON, "StandardAnswer", "not now"),
];

pub(super) const OTHERS: [Operation; 15] = [
    operation(
        ("POST", "/standard/1.0/login"),
        ("standard", "standardLogin", "Sign in; without a one-time code, have one sent"),
        Nobody,
        Some((JSON, "StandardLogin")),
        STANDARD,
    ),
    operation(
        ("POST", "/standard/1.0/refresh"),
        ("standard", "standardRefresh", "Another access token, for eight hours"),
        Nobody,
        Some((JSON, "StandardRenewal")),
        STANDARD,
    ),
    operation(
        ("POST", "/standard/1.0/users"),
        ("standard", "standardUsers", "The users of the facility"),
        Standard,
        Some((JSON, "StandardPage")),
        STANDARD,
    ),
    operation(
        ("POST", "/standard/1.0/certificates"),
        ("standard", "standardCertificates", "The certificates of a user"),
        Standard,
        Some((JSON, "StandardUser")),
        STANDARD,
    ),
    operation(
        ("POST", "/standard/1.0/certification"),
        ("standard", "standardCertification", "The certification of a user"),
        Standard,
        Some((JSON, "StandardUser")),
        STANDARD,
    ),
    operation(
        ("POST", "/standard/1.0/review-progress"),
        ("standard", "standardReviewProgress", "How far the review of a user is"),
        Standard,
        Some((JSON, "StandardUser")),
        STANDARD,
    ),
    operation(
        ("POST", "/standard/1.0/housing"),
        ("standard", "standardHousing", "What a user has spent on housing and equipment"),
        Standard,
        Some((JSON, "StandardUser")),
        STANDARD,
    ),
    operation(
        ("POST", "/standard/1.0/care-plans/send"),
        ("standard", "standardSendPlan", "Send a care plan to one office"),
        Standard,
        Some((JSON, "StandardPlan")),
        STANDARD,
    ),
    operation(
        ("POST", "/standard/1.0/care-plans/sent"),
        ("standard", "standardPlansSent", "Care plans that this office has sent"),
        Standard,
        Some((JSON, "StandardPage")),
        STANDARD,
    ),
    operation(
        ("POST", "/standard/1.0/care-plans/received"),
        ("standard", "standardPlansReceived", "Care plans that this office was sent"),
        Standard,
        Some((JSON, "StandardPage")),
        STANDARD,
    ),
    asked(
        operation(
            ("POST", "/insurer/v1/imports"),
            ("insurers", "bringIn", "Bring insured persons in: CSV as in docs/import.md"),
            Insurer,
            Some(("text/csv", "Bytes")),
            &[
                (200, JSON, "Import", "brought in, or the last one once more"),
                (400, JSON, "Import", "nothing was written: what is wrong, by row and field"),
                (409, JSON, "Import", "not now"),
            ],
        ),
        &["kind"],
    ),
    operation(
        ("GET", "/insurer/v1/imports/{id}"),
        ("insurers", "imported", "What became of a file"),
        Insurer,
        None,
        &[(200, JSON, "Import", "as far as it is")],
    ),
    operation(
        ("GET", "/board/{link}"),
        ("board", "board", "The papers of a certification board, or the door before them"),
        Nobody,
        None,
        &[(200, HTML, "Page", "the page"), (404, HTML, "Page", "a link that opens nothing")],
    ),
    operation(
        ("POST", "/board/{link}"),
        ("board", "boardPassword", "In with the password that came by another way"),
        Nobody,
        Some((FORM, "BoardPassword")),
        &[
            (303, "", "", "to the papers"),
            (403, HTML, "Page", "the page again, with what was wrong"),
            (404, HTML, "Page", "a link that opens nothing"),
        ],
    ),
    operation(
        ("GET", "/board/{link}/{file}"),
        ("board", "boardFile", "One of the papers"),
        Nobody,
        None,
        &[
            (200, "application/octet-stream", "Bytes", "as it was registered"),
            (404, HTML, "Page", "a link that opens nothing"),
        ],
    ),
];

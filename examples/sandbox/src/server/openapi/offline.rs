//! The rows of visits without coverage.

use super::operations::Guard::Staff;
use super::operations::{JSON, Operation, operation};

pub(super) const OFFLINE: [Operation; 4] = [
    operation(
        ("POST", "/v1/tickets"),
        ("offline", "fetchTickets", "Tickets to be taken where there is no coverage"),
        Staff,
        Some((JSON, "TicketRequest")),
        &[(201, JSON, "Tickets", "given out, in the order in which they were asked for")],
    ),
    operation(
        ("POST", "/v1/tickets/return"),
        ("offline", "returnTickets", "Give unused tickets of this device back"),
        Staff,
        Some((JSON, "TicketReturn")),
        &[(200, JSON, "TicketsReturned", "how many of them there were")],
    ),
    operation(
        ("POST", "/v1/offline/visits"),
        ("offline", "sendVisit", "A visit that was made with a ticket"),
        Staff,
        Some((JSON, "OfflineVisit")),
        &[(200, JSON, "OfflineVisitResult", "what came of it, for good")],
    ),
    operation(
        ("POST", "/v1/offline/notes"),
        ("offline", "sendNote", "A consent or a notice that was noted with such a visit"),
        Staff,
        Some((JSON, "OfflineNote")),
        &[(200, JSON, "OfflineNoteResult", "what came of it, for good")],
    ),
];

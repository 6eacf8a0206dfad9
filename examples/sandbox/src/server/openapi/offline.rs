//! The rows of visits without coverage.

use super::operations::Guard::Staff;
use super::operations::{JSON, Operation, operation};

pub(super) const OFFLINE: [Operation; 2] = [
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
];

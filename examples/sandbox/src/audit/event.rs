//! What is worth a record.

/// One thing that happened, as the room says it in which it happened.
pub(crate) struct Event<'a> {
    pub(crate) what: What,
    /// `ok`, or the `kaigo_error`.
    pub(crate) outcome: &'a str,
    /// What else belongs to it, from a closed list: never a name, a number or a token.
    pub(crate) note: &'a str,
    pub(crate) who: Who<'a>,
}

/// Whoever is meant; empty where nobody is. Only keyed digests of them are kept.
#[derive(Default, Clone, Copy)]
pub(crate) struct Who<'a> {
    pub(crate) device: &'a str,
    pub(crate) facility: &'a str,
    pub(crate) staff: &'a str,
    pub(crate) person: &'a str,
}

/// Everything that is recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(dead_code, reason = "rooms begin to record one after the other")]
pub(crate) enum What {
    /// A process began to serve.
    Start,
    /// A face was confirmed and a challenge given out.
    Challenge,
    /// Tickets for places without coverage were given out.
    Ticket,
    /// Unused ones came back.
    TicketReturn,
    /// Something was sent that was made without coverage: by whom, beside what came of it.
    OfflineSent,
    /// Evidence was exchanged for a token, or refused.
    Exchange,
    /// Evidence was sent that had been used before, by somebody else or too late.
    Replay,
    DeviceEnrolled,
    DeviceKey,
    DeviceKilled,
    /// Other keys sign challenges and tokens from here on.
    KeysRolled,
    SignIn,
    SignOut,
    Revocation,
    /// A page of a facility's list was read.
    UserList,
    /// Somebody on it was opened at a device.
    UserOpened,
    /// A contract ended.
    ContractEnd,
    /// A claim was received.
    Receipt,
    /// A person's consent was taken.
    Consent,
    /// It was withdrawn.
    Withdrawal,
    /// The rules for disasters were put in force for a facility.
    Disaster,
    /// A notice was filed with the insurer.
    Filing,
    /// A physician's opinion was sent to the insurer.
    Opinion,
    /// A certification board's papers were registered, changed, deleted or looked at.
    Board,
    /// A municipality's file came over the network.
    Import,
    /// Information was looked at.
    View,
    /// A person came in with their own card.
    OwnView,
}

impl What {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Challenge => "challenge",
            Self::Ticket => "ticket",
            Self::TicketReturn => "ticket_return",
            Self::OfflineSent => "offline_sent",
            Self::Exchange => "exchange",
            Self::Replay => "replay",
            Self::DeviceEnrolled => "device_enrolled",
            Self::DeviceKey => "device_key",
            Self::DeviceKilled => "device_killed",
            Self::KeysRolled => "keys_rolled",
            Self::SignIn => "sign_in",
            Self::SignOut => "sign_out",
            Self::Revocation => "revocation",
            Self::UserList => "user_list",
            Self::UserOpened => "user_opened",
            Self::ContractEnd => "contract_end",
            Self::Receipt => "receipt",
            Self::Consent => "consent",
            Self::Withdrawal => "withdrawal",
            Self::Disaster => "disaster",
            Self::Filing => "filing",
            Self::Opinion => "opinion",
            Self::Board => "board",
            Self::Import => "import",
            Self::View => "view",
            Self::OwnView => "own_view",
        }
    }
}

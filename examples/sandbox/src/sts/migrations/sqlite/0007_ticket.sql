-- Tickets for visits without coverage: one row each, until it is returned or long over. Of what used one only its SHA-256 is
-- kept, and never what came of it: that is the business of whoever took it in.
CREATE TABLE sts_ticket (
    number      INTEGER PRIMARY KEY AUTOINCREMENT,
    digest      BLOB    NOT NULL UNIQUE,        -- SHA-256 of the ticket JWS
    jti         TEXT    NOT NULL UNIQUE,
    nonce       TEXT    NOT NULL,
    facility_id TEXT    NOT NULL,
    staff_id    TEXT    NOT NULL,
    subject     TEXT,                           -- the pairwise subject of whom it is for, if it is for one
    jkt         TEXT    NOT NULL,               -- thumbprint of the key of the device that asked for it (RFC 7638)
    issued_at   INTEGER NOT NULL,
    expires_at  INTEGER NOT NULL,
    state       TEXT    NOT NULL CHECK (state IN ('open', 'used')),
    evidence    BLOB                            -- SHA-256 of the evidence that used it
) STRICT;
CREATE INDEX sts_ticket_open ON sts_ticket (jkt, expires_at) WHERE state = 'open';
CREATE INDEX sts_ticket_expires ON sts_ticket (expires_at);

-- The number after the highest that a device's key has ever sent: how a store that was put back is noticed.
CREATE TABLE sts_journal (
    jkt  TEXT    PRIMARY KEY,
    next INTEGER NOT NULL
) STRICT;

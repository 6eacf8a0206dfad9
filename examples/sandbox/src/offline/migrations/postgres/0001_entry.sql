-- Times are seconds since the epoch.

-- Whatever was sent from a device's journal and is over: what it was answered, for those who send it again. Never a token,
-- and of a person nothing.
CREATE TABLE offline_entry (
    digest   BYTEA   PRIMARY KEY,               -- SHA-256 of it
    jkt      TEXT    NOT NULL,                  -- thumbprint of the device's key (RFC 7638)
    id       TEXT    NOT NULL,                  -- its jti
    seq      BIGINT  NOT NULL,                  -- its number in the journal, as it says
    answer   TEXT    NOT NULL,                  -- JSON
    taken_at BIGINT  NOT NULL,
    UNIQUE (jkt, id)
);
CREATE INDEX offline_entry_seq ON offline_entry (jkt, seq);
CREATE INDEX offline_entry_taken ON offline_entry (taken_at);

-- Visits that were confirmed: for what was noted with them.
CREATE TABLE offline_confirmed (
    jkt         TEXT    NOT NULL,
    id          TEXT    NOT NULL,
    facility_id TEXT    NOT NULL,
    staff_id    TEXT    NOT NULL,               -- who made it
    evidence_id TEXT    NOT NULL,               -- the name of the verification
    method      TEXT    NOT NULL,
    purpose     TEXT    NOT NULL,               -- JSON array
    domain      TEXT    NOT NULL,
    verified_at BIGINT  NOT NULL,
    claimed_at  BIGINT  NOT NULL,
    taken_at    BIGINT  NOT NULL,
    PRIMARY KEY (jkt, id)
);
CREATE INDEX offline_confirmed_taken ON offline_confirmed (taken_at);

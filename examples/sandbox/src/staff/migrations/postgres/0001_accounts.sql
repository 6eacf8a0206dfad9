-- Times are seconds since the epoch.

-- The roster: who works where, and what opens the account.
CREATE TABLE staff_member (
    id          TEXT NOT NULL PRIMARY KEY,
    facility_id TEXT NOT NULL,
    role        TEXT NOT NULL CHECK (role IN ('nurse', 'admin')),
    name        TEXT NOT NULL,
    password    TEXT NOT NULL                   -- argon2id, in PHC's form
);

-- Passwords that were tried, counted like water in a bucket with a hole: when it would be empty again.
CREATE TABLE staff_attempt (
    source   BYTEA  NOT NULL PRIMARY KEY,      -- keyed digest of an account's name or of an address
    empty_at BIGINT NOT NULL
);
CREATE INDEX staff_attempt_over ON staff_attempt (empty_at);

-- The first form. Times are seconds since the epoch.
-- No certificate, serial number, assertion or challenge is kept: only digests of them.

-- Keys that live as long as the database.
CREATE TABLE secret (
    name  TEXT PRIMARY KEY,
    value BLOB NOT NULL
) STRICT;

-- sts: one row per challenge given out.
CREATE TABLE challenge (
    digest      BLOB    PRIMARY KEY,            -- SHA-256 of the challenge JWS
    jti         TEXT    NOT NULL UNIQUE,
    nonce       TEXT    NOT NULL,
    facility_id TEXT    NOT NULL,
    staff_id    TEXT    NOT NULL,
    purpose     TEXT    NOT NULL,               -- JSON array
    visit_id    TEXT    NOT NULL,
    basis       TEXT    NOT NULL,               -- what the face was compared with
    checked_at  TEXT    NOT NULL,               -- when, as the device claims
    issued_at   INTEGER NOT NULL,
    expires_at  INTEGER NOT NULL,
    state       TEXT    NOT NULL CHECK (state IN ('open', 'used')),
    used_at     INTEGER,
    used_by     TEXT,
    assertion   BLOB,                           -- SHA-256 of the assertion that used it
    result      TEXT,                           -- 'verified', or the kaigo_error
    answer      TEXT                            -- for a re-send of the same bytes; wiped after five minutes
) STRICT;
CREATE INDEX challenge_answered ON challenge (used_at) WHERE answer IS NOT NULL;

-- sts: one row per access token; the token itself is not kept.
CREATE TABLE token (
    jti         TEXT    PRIMARY KEY,
    link_number TEXT    NOT NULL,
    expires_at  INTEGER NOT NULL
) STRICT;

-- qualification: keyed digest of issuer and serial number → link number → whether the card is a health insurance card.
CREATE TABLE link (
    certificate BLOB PRIMARY KEY,
    link_number TEXT NOT NULL REFERENCES enrollee
) STRICT;
CREATE TABLE enrollee (
    link_number          TEXT    PRIMARY KEY,
    health_insurance_use INTEGER NOT NULL
) STRICT;

-- kiban: what is known about an insured person.
CREATE TABLE insured (
    link_number       TEXT    PRIMARY KEY,
    insurer_connected INTEGER NOT NULL,
    consent           INTEGER NOT NULL,
    record            TEXT    NOT NULL          -- JSON, the stable and the periodic items
) STRICT;

-- jlis: keyed digests of revoked certificates.
CREATE TABLE revoked (
    certificate BLOB PRIMARY KEY
) STRICT;

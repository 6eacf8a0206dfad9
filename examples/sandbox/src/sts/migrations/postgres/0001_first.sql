-- Times are seconds since the epoch. No certificate, serial number, assertion or challenge is kept: only digests of them.

-- One row per challenge given out.
CREATE TABLE sts_challenge (
    number      BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    digest      BYTEA  NOT NULL UNIQUE,         -- SHA-256 of the challenge JWS
    jti         TEXT   NOT NULL UNIQUE,
    nonce       TEXT   NOT NULL,
    facility_id TEXT   NOT NULL,
    staff_id    TEXT   NOT NULL,
    purpose     TEXT   NOT NULL,                -- JSON array
    visit_id    TEXT   NOT NULL,
    basis       TEXT   NOT NULL,                -- what the face was compared with
    checked_at  TEXT   NOT NULL,                -- when, as the device claims
    issued_at   BIGINT NOT NULL,
    expires_at  BIGINT NOT NULL,
    state       TEXT   NOT NULL CHECK (state IN ('open', 'used')),
    used_at     BIGINT,
    used_by     TEXT,
    assertion   BYTEA,                          -- SHA-256 of the assertion that used it
    result      TEXT,                           -- 'verified', or the kaigo_error
    sealed      BYTEA                           -- the answer, under a key made of the assertion; wiped after five minutes
);
CREATE INDEX sts_challenge_sealed ON sts_challenge (used_at) WHERE sealed IS NOT NULL;

-- One row per access token; the token itself is not kept.
CREATE TABLE sts_token (
    jti        TEXT   PRIMARY KEY,
    pmh_id     TEXT   NOT NULL,                 -- whom it is about
    expires_at BIGINT NOT NULL
);

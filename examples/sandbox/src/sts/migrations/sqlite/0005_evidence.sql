-- Whom a verification was about: for its evidence token, which is not kept.
CREATE TABLE sts_evidence (
    id         TEXT   PRIMARY KEY,
    pmh_id     TEXT   NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;

-- Who is registered with which facility, under the pairwise subject, and until when.
CREATE TABLE sts_registration (
    facility_id TEXT   NOT NULL,
    subject     TEXT   NOT NULL,
    pmh_id      TEXT   NOT NULL,
    verified_at INTEGER NOT NULL,
    valid_until INTEGER NOT NULL,
    PRIMARY KEY (facility_id, subject)
) STRICT;

-- Handles to them, each for the key of one device; of a handle only its SHA-256 is kept.
CREATE TABLE sts_handle (
    digest      BLOB  PRIMARY KEY,
    facility_id TEXT   NOT NULL,
    subject     TEXT   NOT NULL,
    jkt         TEXT   NOT NULL
) STRICT;
CREATE INDEX sts_handle_registration ON sts_handle (facility_id, subject);

-- Statements that were made without a card: each counts once, and is answered again for a while.
CREATE TABLE sts_statement (
    digest   BLOB  PRIMARY KEY,                  -- SHA-256 of it
    jkt      TEXT   NOT NULL,
    jti      TEXT   NOT NULL,
    staff_id TEXT   NOT NULL,
    used_at  INTEGER NOT NULL,
    result   TEXT,                             -- 'verified', or the kaigo_error
    sealed   BLOB,                            -- the answer, under a key made of the statement; wiped after five minutes
    UNIQUE (jkt, jti)
) STRICT;
CREATE INDEX sts_statement_used ON sts_statement (used_at);

-- Facilities for which the rules for disasters are in force, and the two who declared it.
CREATE TABLE sts_disaster (
    facility_id TEXT   NOT NULL,
    valid_from  INTEGER NOT NULL,
    valid_until INTEGER NOT NULL,
    first_by    TEXT   NOT NULL,
    second_by   TEXT   NOT NULL
) STRICT;
CREATE INDEX sts_disaster_facility ON sts_disaster (facility_id);

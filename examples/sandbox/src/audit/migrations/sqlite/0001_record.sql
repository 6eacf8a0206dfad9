-- Times are seconds since the epoch. Whoever is meant is there as a keyed digest, never by name or number.

-- One row for each thing that happened; added, and never changed or removed.
CREATE TABLE audit_record (
    sequence INTEGER PRIMARY KEY,               -- from 1, without gaps
    at       INTEGER NOT NULL,
    what     TEXT    NOT NULL,
    outcome  TEXT    NOT NULL,                  -- 'ok', or the kaigo_error
    note     TEXT    NOT NULL,                  -- what else belongs to it: way, face check; or empty
    device   TEXT    NOT NULL,                  -- digests, or empty
    facility TEXT    NOT NULL,
    staff    TEXT    NOT NULL,
    person   TEXT    NOT NULL,
    previous BLOB    NOT NULL,                  -- the hash before, empty at the first
    hash     BLOB    NOT NULL                   -- HMAC-SHA256 of all of it but the sequence
);

-- The one row with the last of them, so that a tail that was cut off is missed.
CREATE TABLE audit_head (
    number   INTEGER PRIMARY KEY CHECK (number = 1),
    sequence INTEGER NOT NULL,
    hash     BLOB    NOT NULL,
    seal     BLOB    NOT NULL                   -- HMAC-SHA256 of sequence and hash
);
INSERT INTO audit_head (number, sequence, hash, seal) VALUES (1, 0, X'', X'');

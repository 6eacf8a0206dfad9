-- What is known about an insured person.
CREATE TABLE kiban_insured (
    pmh_id            TEXT    PRIMARY KEY,
    insurer_connected INTEGER NOT NULL,         -- 0 or 1
    consent           INTEGER NOT NULL,         -- 0 or 1
    record            TEXT    NOT NULL          -- JSON, the stable and the periodic items
) STRICT;

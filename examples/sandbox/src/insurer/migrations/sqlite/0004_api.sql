-- Secrets with which a municipality's system brings its insured in, of which only a digest is kept. Times are seconds since
-- the epoch.
CREATE TABLE insurer_key (
    digest   BLOB NOT NULL PRIMARY KEY,         -- SHA-256
    insurers TEXT NOT NULL,                     -- their numbers, with commas
    until    INTEGER NOT NULL
) STRICT;

-- Files that came over the network, and what became of them.
CREATE TABLE insurer_upload (
    id       TEXT NOT NULL PRIMARY KEY,
    insurers TEXT NOT NULL,
    report   TEXT NOT NULL                      -- JSON
) STRICT;

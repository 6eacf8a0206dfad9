-- Files with insured persons, as they were brought in. Their generation is their number. Times are seconds since the epoch.
CREATE TABLE insurer_import (
    number      INTEGER PRIMARY KEY AUTOINCREMENT,
    insurers    TEXT NOT NULL,                  -- their numbers, with commas
    kind        TEXT NOT NULL CHECK (kind IN ('full', 'changes')),
    digest      BLOB NOT NULL,                  -- SHA-256 of kind, insurers and file
    done        INTEGER NOT NULL,               -- rows that are written
    started_at  INTEGER NOT NULL,
    finished_at INTEGER
) STRICT;
CREATE INDEX insurer_import_insurers ON insurer_import (insurers, number);

-- When an insurer's first full set was complete, and the day that is published for its use.
CREATE TABLE insurer_setup (
    insurer_number TEXT NOT NULL PRIMARY KEY,
    set_up_at      INTEGER NOT NULL,
    live_on        TEXT NOT NULL               -- YYYY-MM-DD
) STRICT;

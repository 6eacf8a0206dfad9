-- Files with insured persons, as they were brought in. Their generation is their number. Times are seconds since the epoch.
CREATE TABLE insurer_import (
    number      BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    insurers    TEXT NOT NULL,                  -- their numbers, with commas
    kind        TEXT NOT NULL CHECK (kind IN ('full', 'changes')),
    digest      BYTEA NOT NULL,                  -- SHA-256 of kind, insurers and file
    done        BIGINT NOT NULL,               -- rows that are written
    started_at  BIGINT NOT NULL,
    finished_at BIGINT
);
CREATE INDEX insurer_import_insurers ON insurer_import (insurers, number);

-- When an insurer's first full set was complete, and the day that is published for its use.
CREATE TABLE insurer_setup (
    insurer_number TEXT NOT NULL PRIMARY KEY,
    set_up_at      BIGINT NOT NULL,
    live_on        TEXT NOT NULL               -- YYYY-MM-DD
);

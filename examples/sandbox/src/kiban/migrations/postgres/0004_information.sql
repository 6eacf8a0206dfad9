-- 0 from the day on which an insurer's data are there to that from which it uses the platform.
ALTER TABLE kiban_insured ADD COLUMN live BIGINT NOT NULL DEFAULT 1;

-- What is known of people beside their entitlement. Everybody is brought in anew at each start.
CREATE TABLE kiban_information (
    number    BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    pmh_id    TEXT NOT NULL,
    kind      TEXT NOT NULL,
    day       TEXT NOT NULL,                    -- YYYY-MM-DD
    creator   TEXT,                             -- the facility; null where it is the municipality
    physician TEXT NOT NULL CHECK (physician IN ('agreed', 'refused', 'unknown')),
    record    TEXT NOT NULL                     -- JSON
);
CREATE INDEX kiban_information_person ON kiban_information (pmh_id, kind, day);

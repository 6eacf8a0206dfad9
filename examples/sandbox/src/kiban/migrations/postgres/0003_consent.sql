-- The next application for certification was made: from then on the municipality takes the consent.
ALTER TABLE kiban_insured ADD COLUMN applied BIGINT NOT NULL DEFAULT 0;

-- Every consent that was taken, the last one last. Of a person at most one is not withdrawn.
CREATE TABLE kiban_consent (
    number       BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    pmh_id       TEXT NOT NULL,
    request      TEXT NOT NULL,                 -- how whoever took it named what they sent
    given_at     BIGINT NOT NULL,
    taken_by     TEXT NOT NULL CHECK (taken_by IN ('municipality', 'facility')),
    facility_id  TEXT,
    withdrawn_at BIGINT,
    UNIQUE (pmh_id, request)
);

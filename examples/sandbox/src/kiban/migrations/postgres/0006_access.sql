-- Who was shown what of a person, for the person to see.
CREATE TABLE kiban_access (
    number      BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    pmh_id      TEXT NOT NULL,
    at          BIGINT NOT NULL,
    facility_id TEXT NOT NULL,
    role        TEXT NOT NULL,                  -- what whoever looked is there, not who they are
    what        TEXT NOT NULL,                  -- the entitlement, or a kind of information
    method      TEXT NOT NULL                   -- how the person was verified
);
CREATE INDEX kiban_access_person ON kiban_access (pmh_id, number);

-- Notices that a plan will be made, as facilities have sent them.
CREATE TABLE insurer_filing (
    number         BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id             TEXT NOT NULL UNIQUE,
    facility_id    TEXT NOT NULL,
    facility_name  TEXT NOT NULL,
    pmh_id         TEXT NOT NULL,
    insurer_number TEXT NOT NULL,
    insured_number TEXT NOT NULL,
    kind           TEXT NOT NULL CHECK (kind IN ('care_plan', 'preventive_care_plan')),
    start_on       TEXT NOT NULL,               -- YYYY-MM-DD
    replaces       TEXT,
    status         TEXT NOT NULL CHECK (status IN ('received', 'in_review', 'accepted', 'returned', 'replaced')),
    received_at    BIGINT NOT NULL,
    reason         TEXT
);
CREATE INDEX insurer_filing_facility ON insurer_filing (facility_id, number);
CREATE INDEX insurer_filing_person ON insurer_filing (pmh_id);
CREATE INDEX insurer_filing_insurer ON insurer_filing (insurer_number);

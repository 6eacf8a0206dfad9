-- Opinions of physicians (主治医意見書) that insurers have asked facilities for, and what they wrote. Times are seconds since
-- the epoch, days YYYY-MM-DD.
CREATE TABLE insurer_opinion (
    number         BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id             TEXT NOT NULL UNIQUE,
    facility_id    TEXT NOT NULL,
    pmh_id         TEXT NOT NULL,
    insurer_number TEXT NOT NULL,
    insured_number TEXT NOT NULL,
    name_kana      TEXT NOT NULL,
    birth_date     TEXT,
    applied_on     TEXT NOT NULL,               -- the application for certification that it is for
    application    TEXT NOT NULL CHECK (application IN ('new', 'renewal')),
    requested_at   BIGINT NOT NULL,
    written_on     TEXT,                        -- this and the next are there once it has come
    text           TEXT,
    physician      TEXT CHECK (physician IN ('yes', 'no', 'unknown')),
    received_at    BIGINT
);
CREATE INDEX insurer_opinion_facility ON insurer_opinion (facility_id, number);
CREATE INDEX insurer_opinion_insurer ON insurer_opinion (insurer_number);

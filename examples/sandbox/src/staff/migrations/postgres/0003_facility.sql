-- The facilities, by their number (事業所番号).
CREATE TABLE staff_facility (
    id   TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,                         -- of FacilityKind; one that is not known opens nothing
    name TEXT NOT NULL
);

-- Link number → PMH-ID.
CREATE TABLE pmh_identifier (
    link_number TEXT PRIMARY KEY,
    pmh_id      TEXT NOT NULL UNIQUE
) STRICT;

-- Keys that live as long as the database.
CREATE TABLE base_secret (
    name  TEXT PRIMARY KEY,
    value BLOB NOT NULL
) STRICT;

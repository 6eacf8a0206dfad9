-- Keys that live as long as the database, sealed under one that is not in it.
CREATE TABLE base_secret (
    name TEXT PRIMARY KEY,
    value BYTEA  NOT NULL
);

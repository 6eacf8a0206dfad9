-- Keys that live as long as the database.
CREATE TABLE base_secret (
    name TEXT PRIMARY KEY,
    value BYTEANOT NULL
);

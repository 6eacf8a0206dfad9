-- What a person's card is to sign, until it is used up or over.
CREATE TABLE portal_challenge (
    digest     BLOB PRIMARY KEY,              -- SHA-256 of the challenge
    nonce      TEXT NOT NULL,
    jkt        TEXT NOT NULL,                   -- the key of whoever asked for it
    issued_at  INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;

-- Who has come in with their card.
CREATE TABLE portal_session (
    digest     BLOB PRIMARY KEY,              -- SHA-256 of the token
    jkt        TEXT NOT NULL,
    pmh_id     TEXT NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;

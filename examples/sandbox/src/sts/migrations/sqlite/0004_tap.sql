-- How the person is to be verified, and the pairwise subject of whom it is to be.
ALTER TABLE sts_challenge ADD COLUMN method TEXT NOT NULL DEFAULT 'card_pin';
ALTER TABLE sts_challenge ADD COLUMN subject TEXT;

-- Who was confirmed with card and PIN, and when for the first time: only then a tap without PIN counts.
CREATE TABLE sts_first_pin (
    pmh_id       TEXT   PRIMARY KEY,
    confirmed_at INTEGER NOT NULL
) STRICT;

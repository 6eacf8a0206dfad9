-- Which of the keys of a name signs now. The one before still verifies, and the one after is published already.
CREATE TABLE base_generation (
    name   TEXT    PRIMARY KEY,
    number INTEGER NOT NULL
) STRICT;

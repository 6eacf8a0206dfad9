-- Meetings of certification boards (認定審査会): days are YYYY-MM-DD, times seconds since the epoch.
CREATE TABLE board_meeting (
    id             TEXT NOT NULL PRIMARY KEY,
    insurer_number TEXT NOT NULL,
    held_on        TEXT NOT NULL
) STRICT;
CREATE INDEX board_meeting_insurer ON board_meeting (insurer_number, held_on);

CREATE TABLE board_file (
    id         TEXT NOT NULL PRIMARY KEY,
    meeting_id TEXT NOT NULL,
    name       TEXT NOT NULL,
    content    BLOB NOT NULL
) STRICT;
CREATE INDEX board_file_meeting ON board_file (meeting_id, name);

-- Who reviews, each with a link and a password of their own.
CREATE TABLE board_reviewer (
    id            TEXT NOT NULL PRIMARY KEY,
    meeting_id    TEXT NOT NULL,
    name          TEXT NOT NULL,
    mail          TEXT NOT NULL,
    link          BLOB NOT NULL UNIQUE,         -- SHA-256
    password      TEXT NOT NULL,                -- argon2id
    empty_at      INTEGER NOT NULL,             -- when no wrong password counts any more
    session       BLOB,                         -- SHA-256 of the cookie of whoever has given the password
    session_until INTEGER
) STRICT;
CREATE INDEX board_reviewer_meeting ON board_reviewer (meeting_id);

-- Who has looked at what, and when.
CREATE TABLE board_look (
    number      INTEGER PRIMARY KEY AUTOINCREMENT,
    meeting_id  TEXT NOT NULL,
    mail        TEXT NOT NULL,                  -- of whoever it was; they may be dismissed since
    file        TEXT,                           -- its name; null for the list
    at          INTEGER NOT NULL
) STRICT;
CREATE INDEX board_look_meeting ON board_look (meeting_id, number);

-- Mail that would have been sent.
CREATE TABLE board_mail (
    number      INTEGER PRIMARY KEY AUTOINCREMENT,
    meeting_id  TEXT NOT NULL,
    reviewer_id TEXT NOT NULL,
    sealed      TEXT NOT NULL,                  -- it has the link in it
    at          INTEGER NOT NULL
) STRICT;
CREATE INDEX board_mail_meeting ON board_mail (meeting_id);

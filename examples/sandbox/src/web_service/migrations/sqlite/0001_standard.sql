-- Sign-ins by the API that stands in for the national standard 1.0. Times are seconds since the epoch.
CREATE TABLE web_service_session (
    refresh       BLOB NOT NULL PRIMARY KEY,    -- SHA-256
    refresh_until INTEGER NOT NULL,
    access        BLOB NOT NULL UNIQUE,         -- SHA-256
    access_until  INTEGER NOT NULL,
    member_id     TEXT NOT NULL,
    x5t           TEXT                          -- thumbprint of the certificate with which they came in
) STRICT;

-- One-time codes, which would have gone out by mail, and who is locked for wrong ones.
CREATE TABLE web_service_code (
    member_id    TEXT NOT NULL PRIMARY KEY,
    sealed       TEXT,                          -- null once it was used
    until        INTEGER NOT NULL,
    failures     INTEGER NOT NULL,
    locked_until INTEGER NOT NULL
) STRICT;

-- Care plans on their way from one office to another.
CREATE TABLE web_service_plan (
    number         INTEGER PRIMARY KEY AUTOINCREMENT,
    id             TEXT NOT NULL UNIQUE,
    sender         TEXT NOT NULL,               -- facilities
    receiver       TEXT NOT NULL,
    pmh_id         TEXT NOT NULL,
    insurer_number TEXT NOT NULL,
    insured_number TEXT NOT NULL,
    tables         TEXT NOT NULL,               -- JSON
    sent_at        INTEGER NOT NULL
) STRICT;
CREATE INDEX web_service_plan_sender ON web_service_plan (sender, number);
CREATE INDEX web_service_plan_receiver ON web_service_plan (receiver, number);

-- Sign-ins by the API that stands in for the national standard 1.0. Times are seconds since the epoch.
CREATE TABLE web_service_session (
    refresh       BYTEA NOT NULL PRIMARY KEY,    -- SHA-256
    refresh_until BIGINT NOT NULL,
    access        BYTEA NOT NULL UNIQUE,         -- SHA-256
    access_until  BIGINT NOT NULL,
    member_id     TEXT NOT NULL,
    x5t           TEXT                          -- thumbprint of the certificate with which they came in
);

-- One-time codes, which would have gone out by mail, and who is locked for wrong ones.
CREATE TABLE web_service_code (
    member_id    TEXT NOT NULL PRIMARY KEY,
    sealed       TEXT,                          -- null once it was used
    until        BIGINT NOT NULL,
    failures     BIGINT NOT NULL,
    locked_until BIGINT NOT NULL
);

-- Care plans on their way from one office to another.
CREATE TABLE web_service_plan (
    number         BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id             TEXT NOT NULL UNIQUE,
    sender         TEXT NOT NULL,               -- facilities
    receiver       TEXT NOT NULL,
    pmh_id         TEXT NOT NULL,
    insurer_number TEXT NOT NULL,
    insured_number TEXT NOT NULL,
    tables         TEXT NOT NULL,               -- JSON
    sent_at        BIGINT NOT NULL
);
CREATE INDEX web_service_plan_sender ON web_service_plan (sender, number);
CREATE INDEX web_service_plan_receiver ON web_service_plan (receiver, number);

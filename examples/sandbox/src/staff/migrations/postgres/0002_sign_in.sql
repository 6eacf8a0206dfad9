-- What a client has pushed (RFC 9126), until somebody has signed in for it.
CREATE TABLE staff_push (
    digest         BYTEA   NOT NULL PRIMARY KEY, -- SHA-256 of the request_uri
    client_id      TEXT    NOT NULL,
    facility_id    TEXT,                        -- whose device it is; null for a server
    redirect_uri   TEXT    NOT NULL,
    scope          TEXT    NOT NULL,
    state          TEXT    NOT NULL,
    nonce          TEXT    NOT NULL,
    code_challenge TEXT    NOT NULL,
    dpop_jkt       TEXT    NOT NULL,
    prompt         TEXT    NOT NULL CHECK (prompt IN ('', 'none', 'login')),
    max_age        BIGINT,
    language       TEXT    NOT NULL,            -- 'ja', 'en', or '' for the browser's
    login_hint     TEXT    NOT NULL,
    expires_at     BIGINT  NOT NULL
);
CREATE INDEX staff_push_over ON staff_push (expires_at);

-- Somebody who has signed in with a browser. Its tokens last no longer than it does.
CREATE TABLE staff_session (
    sid        TEXT    NOT NULL PRIMARY KEY,
    cookie     BYTEA   UNIQUE,                  -- SHA-256; null once the browser has another one
    member_id  TEXT    NOT NULL,
    auth_time  BIGINT  NOT NULL,
    expires_at BIGINT  NOT NULL
);
CREATE INDEX staff_session_member ON staff_session (member_id);

-- Codes, and what they were given for.
CREATE TABLE staff_code (
    digest         BYTEA   NOT NULL PRIMARY KEY, -- SHA-256
    client_id      TEXT    NOT NULL,
    redirect_uri   TEXT    NOT NULL,
    scope          TEXT    NOT NULL,
    nonce          TEXT    NOT NULL,
    code_challenge TEXT    NOT NULL,
    dpop_jkt       TEXT    NOT NULL,
    sid            TEXT    NOT NULL,
    member_id      TEXT    NOT NULL,
    auth_time      BIGINT  NOT NULL,
    expires_at     BIGINT  NOT NULL,
    used_at        BIGINT
);
CREATE INDEX staff_code_member ON staff_code (member_id);

-- Tokens that were given; gone when somebody signs out.
CREATE TABLE staff_grant (
    jti        TEXT    NOT NULL PRIMARY KEY,
    code       BYTEA   NOT NULL,                -- SHA-256 of the code
    member_id  TEXT    NOT NULL,
    expires_at BIGINT  NOT NULL
);
CREATE INDEX staff_grant_member ON staff_grant (member_id);
CREATE INDEX staff_grant_code ON staff_grant (code);

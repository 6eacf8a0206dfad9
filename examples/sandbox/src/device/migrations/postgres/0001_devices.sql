-- Times are seconds since the epoch.

-- One row per activation code; only its digest is kept.
CREATE TABLE device_code (
    digest      BYTEA   PRIMARY KEY,            -- SHA-256
    facility_id TEXT    NOT NULL,
    label       TEXT    NOT NULL,
    expires_at  BIGINT  NOT NULL
);

-- One row per enrolled device.
CREATE TABLE device_client (
    number      BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    client_id   TEXT    NOT NULL UNIQUE,
    facility_id TEXT    NOT NULL,
    label       TEXT    NOT NULL,
    jkt         TEXT    NOT NULL UNIQUE,        -- thumbprint of its key (RFC 7638)
    jwk         TEXT    NOT NULL,               -- its public key (RFC 7517)
    certificate BYTEA,                          -- the facility's client certificate for that key, DER
    enrolled_at BIGINT  NOT NULL,
    killed_at   BIGINT
);

-- Keys that were a device's before: none of them is ever taken again.
CREATE TABLE device_retired_key (
    jkt       TEXT PRIMARY KEY,
    client_id TEXT NOT NULL
);

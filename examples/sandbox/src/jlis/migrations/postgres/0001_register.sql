-- An issuer has to know the serial numbers that it issued. It keeps no certificate and no name.
CREATE TABLE jlis_certificate (
    issuer          BYTEA  NOT NULL,            -- SHA-256 of the issuer's key
    serial          BYTEA  NOT NULL,            -- big-endian, without leading zeros
    list            BYTEA,                      -- DER of the name of the list it would be on; null if not known
    replaces_issuer BYTEA,                      -- the certificate it was issued in place of
    replaces_serial BYTEA,
    revoked_at      BIGINT,                     -- seconds since the epoch, as everywhere
    reason          BIGINT,                     -- RFC 5280 §5.3.1
    invalid_since   BIGINT,
    PRIMARY KEY (issuer, serial)
);
CREATE INDEX jlis_certificate_listed ON jlis_certificate (issuer, list);
CREATE INDEX jlis_certificate_replaced ON jlis_certificate (replaces_issuer, replaces_serial)
    WHERE replaces_serial IS NOT NULL;

-- The last list of each name.
CREATE TABLE jlis_list (
    issuer      BYTEA  NOT NULL,
    name        BYTEA  NOT NULL,                -- DER
    number      BIGINT NOT NULL,
    this_update BIGINT NOT NULL,
    list        BYTEA,                          -- DER; null once something on it has changed
    PRIMARY KEY (issuer, name)
);

-- An issuer has to know the serial numbers that it issued. It keeps no certificate and no name.
CREATE TABLE jlis_certificate (
    issuer          BLOB    NOT NULL,           -- SHA-256 of the issuer's key
    serial          BLOB    NOT NULL,           -- big-endian, without leading zeros
    list            BLOB,                       -- DER of the name of the list it would be on; null if not known
    replaces_issuer BLOB,                       -- the certificate it was issued in place of
    replaces_serial BLOB,
    revoked_at      INTEGER,                    -- seconds since the epoch, as everywhere
    reason          INTEGER,                    -- RFC 5280 §5.3.1
    invalid_since   INTEGER,
    PRIMARY KEY (issuer, serial)
) STRICT, WITHOUT ROWID;
CREATE INDEX jlis_certificate_listed ON jlis_certificate (issuer, list);
CREATE INDEX jlis_certificate_replaced ON jlis_certificate (replaces_issuer, replaces_serial)
    WHERE replaces_serial IS NOT NULL;

-- The last list of each name.
CREATE TABLE jlis_list (
    issuer      BLOB    NOT NULL,
    name        BLOB    NOT NULL,               -- DER
    number      INTEGER NOT NULL,
    this_update INTEGER NOT NULL,
    list        BLOB,                           -- DER; null once something on it has changed
    PRIMARY KEY (issuer, name)
) STRICT, WITHOUT ROWID;

-- What may be shown once: proofs and client assertions, by whom they are and their jti.
CREATE TABLE base_once (
    owner TEXT   NOT NULL,
    jti   TEXT   NOT NULL,
    until BIGINT NOT NULL,                      -- seconds since the epoch; afterwards it is refused as too old
    PRIMARY KEY (owner, jti)
);
CREATE INDEX base_once_until ON base_once (until);

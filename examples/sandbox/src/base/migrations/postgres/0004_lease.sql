-- Work in the background that one process does for all; times are seconds since the epoch.
CREATE TABLE base_lease (
    name  TEXT    PRIMARY KEY,
    until BIGINT  NOT NULL                      -- until then nobody else begins it
);

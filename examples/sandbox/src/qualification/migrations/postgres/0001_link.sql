-- Keyed digest of issuer and serial number → link number → whether the card is a health insurance card.
CREATE TABLE qualification_enrollee (
    link_number          TEXT   PRIMARY KEY,
    health_insurance_use BIGINT NOT NULL        -- 0 or 1
);
CREATE TABLE qualification_link (
    certificate BYTEA  PRIMARY KEY,
    link_number TEXT NOT NULL REFERENCES qualification_enrollee
);

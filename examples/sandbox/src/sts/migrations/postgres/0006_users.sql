-- At the end of a contract, all that a facility has of a person ends: tokens and verifications say at which facility they
-- are. What was given out before does not say it, and is asked for anew.
DELETE FROM sts_token WHERE pmh_id <> '';
DELETE FROM sts_evidence;
ALTER TABLE sts_token ADD COLUMN facility_id TEXT NOT NULL DEFAULT '';
ALTER TABLE sts_evidence ADD COLUMN facility_id TEXT NOT NULL DEFAULT '';
CREATE INDEX sts_token_person ON sts_token (facility_id, pmh_id);
CREATE INDEX sts_evidence_person ON sts_evidence (facility_id, pmh_id);

-- How the person was verified last; the name as it is compared and the date of birth in eight digits, by which the list is
-- ordered and searched; what was on file when the facility last read the entitlement, as keyed digests, by which token it
-- was read (jti), and what was on file at the reading before.
ALTER TABLE sts_registration ADD COLUMN method TEXT NOT NULL DEFAULT 'card_pin';
ALTER TABLE sts_registration ADD COLUMN name_order TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE sts_registration ADD COLUMN birth TEXT NOT NULL DEFAULT '';
ALTER TABLE sts_registration ADD COLUMN seen TEXT;
ALTER TABLE sts_registration ADD COLUMN read_by TEXT;
ALTER TABLE sts_registration ADD COLUMN seen_before TEXT;
CREATE INDEX sts_registration_list ON sts_registration (facility_id, name_order, subject);
CREATE INDEX sts_registration_birth ON sts_registration (facility_id, birth, name_order, subject);
CREATE INDEX sts_registration_until ON sts_registration (valid_until);

-- When a handle was given: of many for one device and person, the oldest give way.
ALTER TABLE sts_handle ADD COLUMN given_at BIGINT NOT NULL DEFAULT 0;

-- For the cap of open challenges.
CREATE INDEX sts_challenge_open ON sts_challenge (staff_id, facility_id) WHERE state = 'open';

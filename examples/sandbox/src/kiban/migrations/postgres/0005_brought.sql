-- Whose insured a person is, and the import that has last spoken of them; 0 for those who come with the configuration.
ALTER TABLE kiban_insured ADD COLUMN insurer TEXT NOT NULL DEFAULT '';
ALTER TABLE kiban_insured ADD COLUMN brought BIGINT NOT NULL DEFAULT 0;
CREATE INDEX kiban_insured_insurer ON kiban_insured (insurer, brought);

-- Name in kana, date of birth and sex, as they are compared. Everybody is brought in anew at each start.
ALTER TABLE kiban_insured ADD COLUMN identity TEXT NOT NULL DEFAULT '';
CREATE INDEX kiban_insured_identity ON kiban_insured (identity);

-- What is known of the medical insurance: JSON, or nothing.
ALTER TABLE qualification_enrollee ADD COLUMN medical TEXT;

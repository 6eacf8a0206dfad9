-- Thumbprint of the key of the device that asked for it (RFC 7638); empty if it is bound to none.
ALTER TABLE sts_challenge ADD COLUMN jkt TEXT NOT NULL DEFAULT '';

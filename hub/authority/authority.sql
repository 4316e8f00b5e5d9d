-- Every certificate that was issued; a certificate that is not here was not issued by this hub.
CREATE TABLE certificate (
  fingerprint   TEXT PRIMARY KEY,    -- SHA-256 of the DER, hex
  serial        TEXT NOT NULL,       -- lower-case hex without leading zeros
  site          TEXT NOT NULL,
  role          TEXT NOT NULL,
  name          TEXT NOT NULL,       -- '' for a site
  hosts         TEXT NOT NULL,       -- JSON list, as they stand in it
  key_id        TEXT NOT NULL,       -- key identifier of its key, hex
  authority_id  TEXT NOT NULL,       -- key identifier of the authority that signed it, hex
  not_after_ms  INTEGER NOT NULL,
  issued_ms     INTEGER NOT NULL,
  superseded_ms INTEGER,             -- when the next one of the same identity was issued
  revoked_ms    INTEGER,
  revoke_reason TEXT                 -- one word of a fixed list
) STRICT;

CREATE INDEX certificate_identity ON certificate (site, role, name, issued_ms);
CREATE UNIQUE INDEX certificate_key ON certificate (key_id);
CREATE INDEX certificate_end ON certificate (not_after_ms);

-- Generations of the authority: a root, and the authority below it that issues. Never deleted.
CREATE TABLE issuer (
  authority_id TEXT PRIMARY KEY,     -- key identifier of the issuing authority, hex
  root_id      TEXT NOT NULL,        -- key identifier of the root, hex
  root_fpr     TEXT NOT NULL UNIQUE, -- SHA-256 of the root, hex
  root_der     BLOB NOT NULL,
  issuing_der  BLOB NOT NULL,
  stas         TEXT NOT NULL,        -- 1 trusted, 2 issues, 3 retired
  trusted_ms   INTEGER NOT NULL      -- since when it is trusted
) STRICT;

-- One authority issues at a time.
CREATE UNIQUE INDEX issuer_one ON issuer (stas) WHERE stas = '2';

-- The newest revocation list of each authority; its number never goes down.
CREATE TABLE issued_list (
  authority_id   TEXT PRIMARY KEY,   -- key identifier of the root or issuing authority, hex
  list_no        INTEGER NOT NULL,
  this_update_ms INTEGER NOT NULL,
  next_update_ms INTEGER NOT NULL,
  der            BLOB NOT NULL
) STRICT;

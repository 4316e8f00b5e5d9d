-- One-time tokens for enrolment; the token itself is stored nowhere.
CREATE TABLE token (
  hash       TEXT PRIMARY KEY,       -- SHA-256 of the token, hex
  site       TEXT NOT NULL,
  name       TEXT NOT NULL,          -- of the site, for the registry
  trust_domain TEXT NOT NULL,        -- in the origin lines of its logs
  grants     TEXT NOT NULL,          -- JSON list of role or role/name
  created_by TEXT NOT NULL,
  created_ms INTEGER NOT NULL,
  expires_ms INTEGER NOT NULL,
  used_ms    INTEGER,                -- the one use, and from where
  used_from  TEXT
) STRICT;

-- Every certificate that was issued; a certificate that is not here was not issued by this hub.
CREATE TABLE certificate (
  fingerprint   TEXT PRIMARY KEY,    -- SHA-256 of the DER, hex
  serial        TEXT NOT NULL,
  site          TEXT NOT NULL,
  role          TEXT NOT NULL,
  name          TEXT NOT NULL,
  not_after_ms  INTEGER NOT NULL,
  issued_ms     INTEGER NOT NULL
) STRICT;

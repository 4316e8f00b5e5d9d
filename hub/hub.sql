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
  used_from  TEXT,
  request    TEXT                    -- id of the newest approval that was asked for it
) STRICT;

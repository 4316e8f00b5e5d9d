-- Acts that one person may ask for and others must approve. A row is never deleted; `audit` has every step.
CREATE TABLE approval (
  id           TEXT PRIMARY KEY,     -- 8 random bytes, hex
  kind         TEXT NOT NULL,        -- enrolment, break-glass, rotate-data-keys, roll-over, contract …
  subject      TEXT NOT NULL,        -- what it is about, for the approver: site, file, fingerprint
  detail       TEXT NOT NULL,        -- JSON that the act is done with; no secret, no personal data
  reason       TEXT NOT NULL,        -- as the asker gave it, masked
  asked_by     TEXT NOT NULL,        -- role/name@site
  asked_ms     INTEGER NOT NULL,
  expires_ms   INTEGER NOT NULL,
  required     INTEGER NOT NULL,     -- officers other than the asker
  state        TEXT NOT NULL,        -- open, approved, rejected, withdrawn, done
  decided_ms   INTEGER
) STRICT;

-- One voice of one officer.
CREATE TABLE approval_vote (
  id           TEXT NOT NULL REFERENCES approval (id),
  officer      TEXT NOT NULL,        -- role/name@site
  approves     INTEGER NOT NULL,     -- 1 or 0
  at_ms        INTEGER NOT NULL,
  PRIMARY KEY (id, officer)
) STRICT, WITHOUT ROWID;

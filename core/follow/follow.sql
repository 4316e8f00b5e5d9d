-- How far each follower has read each log; moves in the transaction of the follower's effects.
CREATE TABLE follower (
  name TEXT NOT NULL,
  log  TEXT NOT NULL,            -- origin/dataset
  size INTEGER NOT NULL,         -- entries taken
  PRIMARY KEY (name, log)
) STRICT;

-- Entries that are truly their origin's and can't be accepted: kept in the log, named here, never in the way.
CREATE TABLE quarantine (
  follower TEXT NOT NULL,
  log      TEXT NOT NULL,
  idx      INTEGER NOT NULL,     -- index of the entry in its log
  code     TEXT NOT NULL,        -- rule id or error code
  text     TEXT NOT NULL,        -- what is wrong, without values
  PRIMARY KEY (follower, log, idx)
) STRICT;

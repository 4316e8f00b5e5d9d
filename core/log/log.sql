-- One row for each log that this file holds, own or received.
CREATE TABLE log (
  log_id    INTEGER PRIMARY KEY,
  origin    TEXT NOT NULL,               -- site code of the only writer
  dataset   TEXT NOT NULL,
  size      INTEGER NOT NULL DEFAULT 0,  -- entries durably held: segments and tail
  signed    INTEGER NOT NULL DEFAULT 0,  -- end of the newest segment = size of the newest checkpoint
  edge      BLOB NOT NULL DEFAULT x'',   -- right edge of the tree at `signed`, largest subtree first
  fence     INTEGER NOT NULL DEFAULT 0,  -- raised by every new session; older sessions can't write (I8)
  newest_ms INTEGER NOT NULL DEFAULT 0,  -- when the newest entry was appended or received
  UNIQUE (origin, dataset)
) STRICT;

-- Entries under a checkpoint, as they travel: compressed once, by the origin, and kept as received.
CREATE TABLE segment (
  segment_id  INTEGER PRIMARY KEY,
  log_id      INTEGER NOT NULL REFERENCES log,
  first       INTEGER NOT NULL,          -- index of the first entry
  end         INTEGER NOT NULL,          -- index after the last entry
  root        BLOB NOT NULL,             -- RFC 6962 root at `end`
  checkpoint  BLOB NOT NULL,             -- the origin's signed note over (end, root); unique for a size (I4)
  compression TEXT NOT NULL CHECK (compression IN ('none', 'zstd')),
  entries     BLOB NOT NULL,             -- C2SP entry bundle, compressed; last, as it overflows the page
  UNIQUE (log_id, end),
  UNIQUE (log_id, first),
  CHECK (end > first)
) STRICT;

-- Own entries that no checkpoint covers yet; a cut turns them into a segment.
CREATE TABLE tail (
  log_id      INTEGER NOT NULL REFERENCES log,
  first       INTEGER NOT NULL,
  end         INTEGER NOT NULL,
  compression TEXT NOT NULL CHECK (compression IN ('none', 'zstd')),
  bytes       INTEGER NOT NULL,          -- of the bundle before compression
  entries     BLOB NOT NULL,             -- C2SP entry bundle, compressed: less to write, and to clear away
  PRIMARY KEY (log_id, first)
) STRICT;

-- Roots of full subtrees of 256, 65,536 … entries: what proofs and tiles need beside the entries.
CREATE TABLE node (
  log_id INTEGER NOT NULL REFERENCES log,
  level  INTEGER NOT NULL,               -- 8, 16, 24 …: a subtree of 2^level entries
  idx    INTEGER NOT NULL,               -- number of the subtree from the left
  hash   BLOB NOT NULL,
  PRIMARY KEY (log_id, level, idx)
) STRICT, WITHOUT ROWID;

-- The newest receipt of each receiver: proof of what it durably holds.
CREATE TABLE receipt (
  log_id      INTEGER NOT NULL REFERENCES log,
  receiver    TEXT NOT NULL,             -- mirror key name of the receiver
  size        INTEGER NOT NULL,
  cosignature BLOB NOT NULL,             -- its cosignature line over the checkpoint of that size
  received_ms INTEGER NOT NULL,
  PRIMARY KEY (log_id, receiver)
) STRICT;

-- Checkpoints that contradict what is held: refused, and kept for the officers.
CREATE TABLE evidence (
  evidence_id INTEGER PRIMARY KEY,
  log_id      INTEGER NOT NULL REFERENCES log,
  size        INTEGER NOT NULL,
  checkpoint  BLOB NOT NULL,
  reason      TEXT NOT NULL,
  received_ms INTEGER NOT NULL,
  UNIQUE (log_id, checkpoint)
) STRICT;

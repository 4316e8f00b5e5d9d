-- Database servers at which this site has a login. The passwords are in the key ring, by role.
CREATE TABLE server (
  name         TEXT PRIMARY KEY,     -- as people and stores call it
  host         TEXT NOT NULL,        -- host name, address, or folder of a unix socket
  port         INTEGER NOT NULL,
  database     TEXT NOT NULL,
  role         TEXT NOT NULL UNIQUE, -- the login; the ring has its password as password/<role>
  ca           TEXT NOT NULL,        -- PEM of the authority of the server's certificate; '' without TLS
  rotate_days  INTEGER NOT NULL,     -- age at which the password is changed by itself
  state        TEXT NOT NULL,        -- adding, ready
  rotated_ms   INTEGER NOT NULL,     -- when the password in use was set; 0 while adding
  failure      TEXT NOT NULL         -- code of the last failed change since then; '' for none
) STRICT;

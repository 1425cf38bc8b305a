-- SPDX-License-Identifier: Apache-2.0
-- Connections by user name and password. `server` is what the password is for, "host" or "host:port": it is part of what
-- the sealed records are bound to, and empty for accounts that are connected with OAuth. The sealed "token" of such a
-- connection is "user:password".
ALTER TABLE connections ADD COLUMN server TEXT NOT NULL DEFAULT '';
-- The transaction is then a form that was shown with this server's name and may be sent once.
ALTER TABLE oauth_transactions ADD COLUMN server TEXT NOT NULL DEFAULT '';

-- SPDX-License-Identifier: Apache-2.0
-- When the address was last posted to: for whoever set up the server, the proof that it can be reached.
ALTER TABLE sync_hooks ADD COLUMN notified_at INTEGER;

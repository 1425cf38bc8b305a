-- What was agreed to is the plugin.json of that day; its hash tells at a glance that nothing changed since. What was
-- agreed to before this is not known in that form: an admin is asked once more.
ALTER TABLE plugin_enablement ADD COLUMN agreed_hash TEXT NOT NULL DEFAULT '';

-- Logs are read in the order of their ids, which is that of their instants; `sequence` is no longer
-- read or kept up.
DROP INDEX log_events_sequence;
ALTER TABLE log_events ADD COLUMN connection_id TEXT;
CREATE INDEX log_events_user ON log_events (tenant, user_id, id) WHERE user_id IS NOT NULL;
CREATE INDEX log_events_kind ON log_events (tenant, kind, id);

CREATE INDEX authentication_methods_id ON authentication_methods (tenant, id);

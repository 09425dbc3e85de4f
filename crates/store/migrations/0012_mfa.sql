-- Browsers in which somebody is spared a second factor for a while; `handle` is the hash of what the
-- cookie holds.
CREATE TABLE remembered_browsers (
    tenant          TEXT    NOT NULL,
    handle          TEXT    NOT NULL,
    user_id         TEXT    NOT NULL,
    expires_at      INTEGER NOT NULL,
    idle_expires_at INTEGER NOT NULL,
    PRIMARY KEY (tenant, handle),
    FOREIGN KEY (tenant, user_id) REFERENCES users (tenant, id) ON DELETE CASCADE
) STRICT;
CREATE INDEX remembered_browsers_user ON remembered_browsers (tenant, user_id);
CREATE INDEX remembered_browsers_expiry ON remembered_browsers (expires_at);

-- Links by which people object to a change of their account. A used one is gone.

CREATE TABLE objections (
    tenant     TEXT    NOT NULL,
    handle     TEXT    NOT NULL,
    user_id    TEXT    NOT NULL,
    method_id  TEXT,
    happened   TEXT    NOT NULL,
    address    TEXT    NOT NULL,
    ip         TEXT    NOT NULL,
    user_agent TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (tenant, handle),
    FOREIGN KEY (tenant, user_id) REFERENCES users (tenant, id) ON DELETE CASCADE
) STRICT;
CREATE INDEX objections_user ON objections (tenant, user_id);
CREATE INDEX objections_expiry ON objections (expires_at);

-- Whatever a person proved before `at` no longer counts. Sessions and token families end by
-- themselves; this is for logins and codes that are under way.
CREATE TABLE sign_outs (
    tenant  TEXT    NOT NULL,
    user_id TEXT    NOT NULL,
    at      INTEGER NOT NULL,
    PRIMARY KEY (tenant, user_id),
    FOREIGN KEY (tenant, user_id) REFERENCES users (tenant, id) ON DELETE CASCADE
) STRICT;

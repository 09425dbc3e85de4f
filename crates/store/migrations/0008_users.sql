-- What managing people takes: how they used their accounts, what they are found by, their roles.

-- Zero is never: the column is sorted by.
ALTER TABLE users ADD COLUMN last_login INTEGER NOT NULL DEFAULT 0;
ALTER TABLE users ADD COLUMN last_ip TEXT;
ALTER TABLE users ADD COLUMN logins_count INTEGER NOT NULL DEFAULT 0;
-- Whether `user_terms` says what the profile says. Rows of older versions are caught up with.
ALTER TABLE users ADD COLUMN is_indexed INTEGER NOT NULL DEFAULT 0;
CREATE INDEX users_created ON users (tenant, created_at, id);
CREATE INDEX users_updated ON users (tenant, updated_at, id);
CREATE INDEX users_last_login ON users (tenant, last_login, id);
CREATE INDEX users_logins_count ON users (tenant, logins_count, id);
CREATE INDEX users_unindexed ON users (tenant, id) WHERE is_indexed = 0;

-- What people are searched by, one row per value, in comparable form and of limited length.
CREATE TABLE user_terms (
    tenant  TEXT NOT NULL,
    user_id TEXT NOT NULL,
    path    TEXT NOT NULL COLLATE BINARY,
    value   TEXT NOT NULL COLLATE BINARY,
    PRIMARY KEY (tenant, user_id, path, value),
    FOREIGN KEY (tenant, user_id) REFERENCES users (tenant, id) ON DELETE CASCADE
) STRICT;
CREATE INDEX user_terms_value ON user_terms (tenant, path, value, user_id);

CREATE TABLE roles (
    tenant      TEXT    NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    id          TEXT    NOT NULL,
    name        TEXT    NOT NULL,
    description TEXT,
    kept        TEXT    NOT NULL,
    created_at  INTEGER NOT NULL,
    PRIMARY KEY (tenant, id),
    UNIQUE (tenant, name)
) STRICT;

CREATE TABLE role_permissions (
    tenant             TEXT NOT NULL,
    role_id            TEXT NOT NULL,
    resource_server_id TEXT NOT NULL,
    scope              TEXT NOT NULL,
    PRIMARY KEY (tenant, role_id, resource_server_id, scope),
    FOREIGN KEY (tenant, role_id) REFERENCES roles (tenant, id) ON DELETE CASCADE,
    FOREIGN KEY (tenant, resource_server_id)
        REFERENCES resource_servers (tenant, id) ON DELETE CASCADE
) STRICT;
CREATE INDEX role_permissions_scope ON role_permissions (tenant, resource_server_id, scope);

CREATE TABLE user_roles (
    tenant  TEXT NOT NULL,
    user_id TEXT NOT NULL,
    role_id TEXT NOT NULL,
    PRIMARY KEY (tenant, user_id, role_id),
    FOREIGN KEY (tenant, user_id) REFERENCES users (tenant, id) ON DELETE CASCADE,
    FOREIGN KEY (tenant, role_id) REFERENCES roles (tenant, id) ON DELETE CASCADE
) STRICT;
CREATE INDEX user_roles_role ON user_roles (tenant, role_id, user_id);

CREATE TABLE user_permissions (
    tenant             TEXT NOT NULL,
    user_id            TEXT NOT NULL,
    resource_server_id TEXT NOT NULL,
    scope              TEXT NOT NULL,
    PRIMARY KEY (tenant, user_id, resource_server_id, scope),
    FOREIGN KEY (tenant, user_id) REFERENCES users (tenant, id) ON DELETE CASCADE,
    FOREIGN KEY (tenant, resource_server_id)
        REFERENCES resource_servers (tenant, id) ON DELETE CASCADE
) STRICT;
CREATE INDEX user_permissions_scope ON user_permissions (tenant, resource_server_id, scope);

-- Where a browser and an application were seen first and last, and what operators note.
ALTER TABLE sessions ADD COLUMN device TEXT NOT NULL DEFAULT '{}';
ALTER TABLE sessions ADD COLUMN updated_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sessions ADD COLUMN metadata TEXT NOT NULL DEFAULT '{}';
ALTER TABLE token_families ADD COLUMN device TEXT NOT NULL DEFAULT '{}';
ALTER TABLE token_families ADD COLUMN metadata TEXT NOT NULL DEFAULT '{}';

-- Where the link of a ticket leads to in the end.
ALTER TABLE tickets ADD COLUMN result_url TEXT;

-- Everything Housekey keeps. Written for SQLite; `migrate.rs` translates three words for PostgreSQL.
--
-- Ids and names are TEXT, instants are INTEGER milliseconds since the epoch, booleans are INTEGER
-- 0 or 1, documents are TEXT holding JSON, sealed values are BLOB. `tenant` leads every key.

CREATE TABLE tenants (
    id         TEXT    NOT NULL PRIMARY KEY,
    settings   TEXT    NOT NULL,
    version    INTEGER NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

-- The one key without a tenant: a host leads to its tenant, so it can only have one.
CREATE TABLE domains (
    host      TEXT    NOT NULL PRIMARY KEY,
    tenant    TEXT    NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    canonical INTEGER NOT NULL,
    verified  INTEGER NOT NULL
) STRICT;
CREATE INDEX domains_tenant ON domains (tenant);
CREATE UNIQUE INDEX domains_canonical ON domains (tenant) WHERE canonical = 1;

CREATE TABLE signing_keys (
    tenant         TEXT    NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    id             TEXT    NOT NULL,
    state          TEXT    NOT NULL,
    sealed_private BLOB    NOT NULL,
    certificate    BLOB    NOT NULL,
    created_at     INTEGER NOT NULL,
    PRIMARY KEY (tenant, id)
) STRICT;

CREATE TABLE connections (
    tenant  TEXT NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    id      TEXT NOT NULL,
    name    TEXT NOT NULL,
    options TEXT NOT NULL,
    PRIMARY KEY (tenant, id),
    UNIQUE (tenant, name)
) STRICT;

CREATE TABLE resource_servers (
    tenant     TEXT NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    id         TEXT NOT NULL,
    kind       TEXT NOT NULL,
    identifier TEXT,
    settings   TEXT NOT NULL,
    PRIMARY KEY (tenant, id),
    UNIQUE (tenant, identifier)
) STRICT;
CREATE UNIQUE INDEX resource_servers_system ON resource_servers (tenant, kind)
    WHERE kind <> 'custom';

CREATE TABLE clients (
    tenant        TEXT    NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    id            TEXT    NOT NULL,
    sealed_secret BLOB,
    settings      TEXT    NOT NULL,
    created_at    INTEGER NOT NULL,
    PRIMARY KEY (tenant, id)
) STRICT;

CREATE TABLE client_grants (
    tenant             TEXT NOT NULL,
    id                 TEXT NOT NULL,
    client_id          TEXT NOT NULL,
    resource_server_id TEXT NOT NULL,
    subject_type       TEXT NOT NULL,
    scope              TEXT NOT NULL,
    PRIMARY KEY (tenant, id),
    UNIQUE (tenant, client_id, resource_server_id, subject_type),
    FOREIGN KEY (tenant, client_id) REFERENCES clients (tenant, id) ON DELETE CASCADE,
    FOREIGN KEY (tenant, resource_server_id)
        REFERENCES resource_servers (tenant, id) ON DELETE CASCADE
) STRICT;

CREATE TABLE users (
    tenant        TEXT    NOT NULL,
    id            TEXT    NOT NULL,
    connection_id TEXT    NOT NULL,
    profile       TEXT    NOT NULL,
    blocked       INTEGER NOT NULL,
    created_at    INTEGER NOT NULL,
    updated_at    INTEGER NOT NULL,
    PRIMARY KEY (tenant, id),
    FOREIGN KEY (tenant, connection_id) REFERENCES connections (tenant, id) ON DELETE CASCADE
) STRICT;
CREATE INDEX users_connection ON users (tenant, connection_id);

-- The names under which people are found, in comparable form.
CREATE TABLE identifiers (
    tenant        TEXT NOT NULL,
    connection_id TEXT NOT NULL,
    kind          TEXT NOT NULL,
    value         TEXT NOT NULL,
    user_id       TEXT NOT NULL,
    PRIMARY KEY (tenant, connection_id, kind, value),
    FOREIGN KEY (tenant, user_id) REFERENCES users (tenant, id) ON DELETE CASCADE
) STRICT;
CREATE INDEX identifiers_user ON identifiers (tenant, user_id);

CREATE TABLE passwords (
    tenant     TEXT    NOT NULL,
    user_id    TEXT    NOT NULL,
    hash       TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    changed_at INTEGER,
    PRIMARY KEY (tenant, user_id),
    FOREIGN KEY (tenant, user_id) REFERENCES users (tenant, id) ON DELETE CASCADE
) STRICT;

-- Former passwords; `position` grows, so the newest has the highest.
CREATE TABLE password_history (
    tenant   TEXT    NOT NULL,
    user_id  TEXT    NOT NULL,
    position INTEGER NOT NULL,
    hash     TEXT    NOT NULL,
    PRIMARY KEY (tenant, user_id, position),
    FOREIGN KEY (tenant, user_id) REFERENCES users (tenant, id) ON DELETE CASCADE
) STRICT;

-- Which of the last four columns are set depends on the factor.
CREATE TABLE authentication_methods (
    tenant        TEXT    NOT NULL,
    user_id       TEXT    NOT NULL,
    id            TEXT    NOT NULL,
    factor        TEXT    NOT NULL,
    name          TEXT,
    confirmed     INTEGER NOT NULL,
    created_at    INTEGER NOT NULL,
    last_auth_at  INTEGER,
    address       TEXT,
    code_mac      TEXT,
    sealed_secret BLOB,
    last_step     INTEGER,
    PRIMARY KEY (tenant, user_id, id),
    FOREIGN KEY (tenant, user_id) REFERENCES users (tenant, id) ON DELETE CASCADE
) STRICT;
CREATE INDEX authentication_methods_unconfirmed ON authentication_methods (created_at)
    WHERE confirmed = 0;

CREATE TABLE enrollments (
    tenant       TEXT    NOT NULL,
    handle       TEXT    NOT NULL,
    user_id      TEXT    NOT NULL,
    client_id    TEXT    NOT NULL,
    factor       TEXT    NOT NULL,
    method_id    TEXT,
    code_mac     TEXT,
    created_at   INTEGER NOT NULL,
    expires_at   INTEGER NOT NULL,
    attempts     INTEGER NOT NULL,
    completed_at INTEGER,
    PRIMARY KEY (tenant, handle),
    FOREIGN KEY (tenant, user_id) REFERENCES users (tenant, id) ON DELETE CASCADE,
    FOREIGN KEY (tenant, user_id, method_id)
        REFERENCES authentication_methods (tenant, user_id, id) ON DELETE CASCADE
) STRICT;
CREATE INDEX enrollments_method ON enrollments (tenant, user_id, method_id);
CREATE INDEX enrollments_expiry ON enrollments (expires_at);

-- The tables that grow with every sign-in refer to users at most: PostgreSQL locks the referred row
-- for each insert, and all sign-ins of a tenant would meet at the tenant's or the application's.

CREATE TABLE login_transactions (
    tenant     TEXT    NOT NULL,
    handle     TEXT    NOT NULL,
    browser    TEXT    NOT NULL,
    state      TEXT    NOT NULL,
    expires_at INTEGER NOT NULL,
    version    INTEGER NOT NULL,
    PRIMARY KEY (tenant, handle)
) STRICT;
CREATE INDEX login_transactions_expiry ON login_transactions (expires_at);

CREATE TABLE sessions (
    tenant          TEXT    NOT NULL,
    id              TEXT    NOT NULL,
    handle          TEXT    NOT NULL,
    user_id         TEXT    NOT NULL,
    events          TEXT    NOT NULL,
    clients         TEXT    NOT NULL,
    created_at      INTEGER NOT NULL,
    expires_at      INTEGER NOT NULL,
    idle_expires_at INTEGER NOT NULL,
    PRIMARY KEY (tenant, id),
    UNIQUE (tenant, handle),
    FOREIGN KEY (tenant, user_id) REFERENCES users (tenant, id) ON DELETE CASCADE
) STRICT;
CREATE INDEX sessions_user ON sessions (tenant, user_id);
CREATE INDEX sessions_expiry ON sessions (expires_at);

CREATE TABLE tickets (
    tenant     TEXT    NOT NULL,
    handle     TEXT    NOT NULL,
    purpose    TEXT    NOT NULL,
    user_id    TEXT    NOT NULL,
    email      TEXT    NOT NULL,
    client_id  TEXT,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (tenant, handle),
    FOREIGN KEY (tenant, user_id) REFERENCES users (tenant, id) ON DELETE CASCADE
) STRICT;
CREATE INDEX tickets_user ON tickets (tenant, user_id, purpose);
CREATE INDEX tickets_expiry ON tickets (expires_at);

CREATE TABLE consents (
    tenant             TEXT    NOT NULL,
    id                 TEXT    NOT NULL,
    user_id            TEXT    NOT NULL,
    client_id          TEXT    NOT NULL,
    resource_server_id TEXT    NOT NULL,
    scope              TEXT    NOT NULL,
    updated_at         INTEGER NOT NULL,
    PRIMARY KEY (tenant, id),
    UNIQUE (tenant, user_id, client_id, resource_server_id),
    FOREIGN KEY (tenant, user_id) REFERENCES users (tenant, id) ON DELETE CASCADE,
    FOREIGN KEY (tenant, client_id) REFERENCES clients (tenant, id) ON DELETE CASCADE,
    FOREIGN KEY (tenant, resource_server_id)
        REFERENCES resource_servers (tenant, id) ON DELETE CASCADE
) STRICT;

CREATE TABLE authorization_codes (
    tenant     TEXT    NOT NULL,
    handle     TEXT    NOT NULL,
    family_id  TEXT    NOT NULL,
    decision   TEXT    NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at    INTEGER,
    PRIMARY KEY (tenant, handle)
) STRICT;
CREATE INDEX authorization_codes_expiry ON authorization_codes (expires_at);

-- No foreign key to users: whoever presents the token of a deleted user is told just that.
CREATE TABLE token_families (
    tenant          TEXT    NOT NULL,
    id              TEXT    NOT NULL,
    handle          TEXT,
    user_id         TEXT    NOT NULL,
    client_id       TEXT    NOT NULL,
    issuer          TEXT    NOT NULL,
    session_id      TEXT,
    audience        TEXT,
    scope           TEXT    NOT NULL,
    events          TEXT    NOT NULL,
    heads           TEXT    NOT NULL,
    created_at      INTEGER NOT NULL,
    last_used_at    INTEGER NOT NULL,
    expires_at      INTEGER,
    idle_expires_at INTEGER,
    revoked_at      INTEGER,
    version         INTEGER NOT NULL,
    PRIMARY KEY (tenant, id),
    UNIQUE (tenant, handle)
) STRICT;
CREATE INDEX token_families_user ON token_families (tenant, user_id, client_id);
CREATE INDEX token_families_expiry ON token_families (expires_at);
CREATE INDEX token_families_revoked ON token_families (revoked_at) WHERE revoked_at IS NOT NULL;
-- Only where there is no absolute end to go by: every exchange moves the idle end.
CREATE INDEX token_families_idle ON token_families (idle_expires_at) WHERE expires_at IS NULL;

-- `sequence` orders what was written at the same instant.
CREATE TABLE outbox (
    tenant         TEXT    NOT NULL,
    id             TEXT    NOT NULL,
    sequence       INTEGER NOT NULL,
    channel        TEXT    NOT NULL,
    address        TEXT    NOT NULL,
    sealed_payload BLOB    NOT NULL,
    created_at     INTEGER NOT NULL,
    dies_at        INTEGER NOT NULL,
    due_at         INTEGER NOT NULL,
    attempts       INTEGER NOT NULL,
    given_up       INTEGER NOT NULL,
    delivered_at   INTEGER,
    PRIMARY KEY (tenant, id)
) STRICT;
CREATE INDEX outbox_sequence ON outbox (tenant, sequence);
CREATE INDEX outbox_due ON outbox (due_at) WHERE delivered_at IS NULL AND given_up = 0;
CREATE INDEX outbox_death ON outbox (dies_at);

CREATE TABLE log_events (
    tenant      TEXT    NOT NULL,
    id          TEXT    NOT NULL,
    sequence    INTEGER NOT NULL,
    kind        TEXT    NOT NULL,
    date        INTEGER NOT NULL,
    description TEXT    NOT NULL,
    client_id   TEXT,
    user_id     TEXT,
    user_name   TEXT,
    ip          TEXT    NOT NULL,
    user_agent  TEXT    NOT NULL,
    hostname    TEXT    NOT NULL,
    details     TEXT    NOT NULL,
    PRIMARY KEY (tenant, id)
) STRICT;
CREATE INDEX log_events_sequence ON log_events (tenant, sequence);

-- Approvals that people gave away from the browser, and the organizations they belong to.

CREATE TABLE approvals (
    tenant          TEXT    NOT NULL,
    id              TEXT    NOT NULL,
    user_id         TEXT    NOT NULL,
    client_id       TEXT    NOT NULL,
    binding_message TEXT,
    audience        TEXT,
    scope           TEXT,
    created_at      INTEGER NOT NULL,
    expires_at      INTEGER NOT NULL,
    PRIMARY KEY (tenant, id),
    FOREIGN KEY (tenant, user_id) REFERENCES users (tenant, id) ON DELETE CASCADE,
    FOREIGN KEY (tenant, client_id) REFERENCES clients (tenant, id) ON DELETE CASCADE
) STRICT;
CREATE INDEX approvals_user ON approvals (tenant, user_id, created_at);
CREATE INDEX approvals_client ON approvals (tenant, client_id);

CREATE TABLE organizations (
    tenant       TEXT    NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    id           TEXT    NOT NULL,
    name         TEXT    NOT NULL,
    display_name TEXT,
    created_at   INTEGER NOT NULL,
    PRIMARY KEY (tenant, id),
    UNIQUE (tenant, name)
) STRICT;

CREATE TABLE organization_members (
    tenant          TEXT NOT NULL,
    organization_id TEXT NOT NULL,
    user_id         TEXT NOT NULL,
    PRIMARY KEY (tenant, organization_id, user_id),
    FOREIGN KEY (tenant, organization_id) REFERENCES organizations (tenant, id) ON DELETE CASCADE,
    FOREIGN KEY (tenant, user_id) REFERENCES users (tenant, id) ON DELETE CASCADE
) STRICT;
CREATE INDEX organization_members_user ON organization_members (tenant, user_id);

-- Devices for push messages. A row begins as a ticket; the device fills in the rest, once.
CREATE TABLE push_devices (
    tenant            TEXT    NOT NULL,
    id                TEXT    NOT NULL,
    user_id           TEXT    NOT NULL,
    ticket            TEXT    NOT NULL,
    ticket_expires_at INTEGER NOT NULL,
    identifier        TEXT,
    name              TEXT,
    service           TEXT,
    sealed_address    BLOB,
    public_key        TEXT,
    token             TEXT,
    enrolled_at       INTEGER,
    PRIMARY KEY (tenant, id),
    UNIQUE (tenant, ticket),
    FOREIGN KEY (tenant, user_id, id)
        REFERENCES authentication_methods (tenant, user_id, id) ON DELETE CASCADE
) STRICT;
CREATE INDEX push_devices_user ON push_devices (tenant, user_id, id);

CREATE TABLE push_transactions (
    tenant     TEXT    NOT NULL,
    handle     TEXT    NOT NULL,
    token      TEXT    NOT NULL,
    challenge  TEXT    NOT NULL,
    user_id    TEXT    NOT NULL,
    device_id  TEXT    NOT NULL,
    consent    TEXT,
    state      TEXT    NOT NULL,
    reason     TEXT,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (tenant, handle),
    UNIQUE (tenant, token),
    FOREIGN KEY (tenant, device_id) REFERENCES push_devices (tenant, id) ON DELETE CASCADE
) STRICT;
CREATE INDEX push_transactions_device ON push_transactions (tenant, device_id);
CREATE INDEX push_transactions_expiry ON push_transactions (expires_at);

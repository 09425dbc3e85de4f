-- Proof of possession, client assertions, pushed authorization requests.

-- The key that the refresh tokens of a family are bound to.
ALTER TABLE token_families ADD COLUMN dpop_jkt TEXT;

-- What clients made for one use only, until it is worthless anyway.
CREATE TABLE replays (
    tenant     TEXT    NOT NULL,
    handle     TEXT    NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (tenant, handle)
) STRICT;
CREATE INDEX replays_expiry ON replays (expires_at);

-- Authorization requests until somebody comes with them; `handle` is the hash of the `request_uri`.
CREATE TABLE pushed_requests (
    tenant     TEXT    NOT NULL,
    handle     TEXT    NOT NULL,
    client_id  TEXT    NOT NULL,
    params     TEXT    NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (tenant, handle)
) STRICT;
CREATE INDEX pushed_requests_expiry ON pushed_requests (expires_at);

-- An API that was activated before takes bound tokens, as one that is activated now.
UPDATE resource_servers
    SET settings = '{"proof_of_possession":{"mechanism":"dpop","required":false},'
        || substr(settings, 2)
    WHERE kind = 'my_account' AND settings <> '{}';

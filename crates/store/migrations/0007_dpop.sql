-- Proof of possession.

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

-- An API that was activated before takes bound tokens, as one that is activated now.
UPDATE resource_servers
    SET settings = '{"proof_of_possession":{"mechanism":"dpop","required":false},'
        || substr(settings, 2)
    WHERE kind = 'my_account' AND settings <> '{}';

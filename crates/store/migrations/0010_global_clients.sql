-- Every tenant has one application that stands for all of them. New tenants get theirs when they are
-- made; in a tenant its id need only be its own.
INSERT INTO clients (tenant, id, sealed_secret, settings, created_at)
SELECT id, 'AllApplications00000000000000000', NULL,
       '{"name":"All Applications","is_global":true,"grant_types":[]}', created_at
FROM tenants;

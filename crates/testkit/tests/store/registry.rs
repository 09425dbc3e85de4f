//! Tenants and their configuration.

use housekey_core::client::{Client, ClientGrant, ClientSettings};
use housekey_core::id::{ClientGrantId, KeyId, TenantId};
use housekey_core::port::Store;
use housekey_core::tenant::Configuration;
use housekey_core::token::{KeyState, StoredKey};

use crate::samples::{NOW, SOON, client, configuration, domain, key};
use crate::world::{World, assert_conflict, assert_same};

contract! {
    the_whole_configuration_reads_back,
    absence_is_none,
    a_tenants_name_is_given_once,
    a_host_is_given_once,
    a_refused_tenant_leaves_nothing,
    only_verified_hosts_lead_to_a_tenant,
    settings_are_replaced_unless_somebody_was_faster,
    one_of_many_replaces_the_settings_it_read,
    hosts_are_replaced_together,
    taking_anothers_host_changes_nothing,
    an_application_is_added_and_replaced,
    a_client_grant_is_added_once,
    keys_are_added_and_moved_on,
    a_key_is_revoked_once,
    changes_touch_no_other_tenant,
    changes_at_once_are_all_counted,
    answers_a_ping,
}

async fn read(world: &World, tenant: &TenantId) -> Configuration {
    world.registry().configuration(tenant).await.unwrap().unwrap()
}

async fn version(world: &World) -> i64 {
    world.registry().version(&world.home).await.unwrap().unwrap()
}

async fn the_whole_configuration_reads_back(world: World) {
    assert_same(&read(&world, &world.home).await, &configuration(&world.home));
    assert_same(&read(&world, &world.abroad).await, &configuration(&world.abroad));
    let tenants = world.registry().tenants().await.unwrap();
    assert_eq!(tenants, [world.abroad.clone(), world.home.clone()]);
    assert_eq!(version(&world).await, 1);
}

async fn absence_is_none(world: World) {
    let nobody = TenantId::from_raw("nobody");
    assert!(world.registry().configuration(&nobody).await.unwrap().is_none());
    assert!(world.registry().version(&nobody).await.unwrap().is_none());
    assert!(world.registry().tenant_of_host("nobody.example").await.unwrap().is_none());
}

async fn a_tenants_name_is_given_once(world: World) {
    let again = Configuration { domains: Vec::new(), ..configuration(&world.home) };
    assert_conflict(world.registry().create_tenant(&again).await);
}

async fn a_host_is_given_once(world: World) {
    let third = TenantId::from_raw("third");
    let with = |host: &str| Configuration {
        domains: vec![domain(host, true, true)],
        ..configuration(&third)
    };
    assert_conflict(world.registry().create_tenant(&with("custom.home.example")).await);
    // What somebody claims without having shown that it is theirs keeps nobody away.
    world.registry().create_tenant(&with("pending.home.example")).await.unwrap();
    let owner = world.registry().tenant_of_host("pending.home.example").await.unwrap();
    assert_eq!(owner, Some(third));
}

async fn a_refused_tenant_leaves_nothing(world: World) {
    let third = TenantId::from_raw("third");
    let mut refused = configuration(&third);
    refused.client_grants.push(refused.client_grants[0].clone());
    assert_conflict(world.registry().create_tenant(&refused).await);
    assert!(world.registry().configuration(&third).await.unwrap().is_none());
    assert!(world.registry().tenant_of_host("third.example").await.unwrap().is_none());
    world.registry().create_tenant(&configuration(&third)).await.unwrap();
}

async fn only_verified_hosts_lead_to_a_tenant(world: World) {
    for host in ["home.example", "custom.home.example"] {
        let tenant = world.registry().tenant_of_host(host).await.unwrap();
        assert_eq!(tenant.as_ref(), Some(&world.home), "{host}");
    }
    let pending = world.registry().tenant_of_host("pending.home.example").await.unwrap();
    assert!(pending.is_none());
}

async fn settings_are_replaced_unless_somebody_was_faster(world: World) {
    let mut settings = read(&world, &world.home).await.tenant.settings;
    settings.friendly_name = String::from("Renamed");
    let registry = world.registry();
    assert!(registry.put_settings(&world.home, &settings, 1).await.unwrap());
    let found = read(&world, &world.home).await.tenant;
    assert_eq!((&found.settings, found.version), (&settings, 2));
    settings.friendly_name = String::from("Late");
    assert!(!registry.put_settings(&world.home, &settings, 1).await.unwrap());
    assert!(!registry.put_settings(&TenantId::from_raw("nobody"), &settings, 1).await.unwrap());
    assert_eq!(read(&world, &world.home).await.tenant.settings.friendly_name, "Renamed");
    assert_eq!(read(&world, &world.abroad).await.tenant.version, 1);
}

async fn one_of_many_replaces_the_settings_it_read(world: World) {
    let settings = read(&world, &world.home).await.tenant.settings;
    let home = world.home.clone();
    let winners = world
        .winners(|rival| {
            let (settings, home) = (settings.clone(), home.clone());
            async move { rival.store.registry().put_settings(&home, &settings, 1).await.unwrap() }
        })
        .await;
    assert_eq!(winners, 1);
}

async fn hosts_are_replaced_together(world: World) {
    let domains = [domain("new.example", true, true), domain("home.example", false, true)];
    world.registry().set_domains(&world.home, &domains).await.unwrap();
    assert_eq!(read(&world, &world.home).await.domains, domains);
    assert_eq!(version(&world).await, 2);
    let gone = world.registry().tenant_of_host("custom.home.example").await.unwrap();
    assert!(gone.is_none());
}

async fn taking_anothers_host_changes_nothing(world: World) {
    let domains = [domain("new.example", true, true), domain("abroad.example", false, true)];
    assert_conflict(world.registry().set_domains(&world.home, &domains).await);
    assert_same(&read(&world, &world.home).await, &configuration(&world.home));
    let owner = world.registry().tenant_of_host("abroad.example").await.unwrap();
    assert_eq!(owner, Some(world.abroad.clone()));
}

async fn an_application_is_added_and_replaced(world: World) {
    world.registry().put_client(&world.home, &client(2)).await.unwrap();
    let settings = ClientSettings { name: "Renamed".to_owned(), ..ClientSettings::default() };
    let changed = Client { sealed_secret: None, settings, ..client(1) };
    world.registry().put_client(&world.home, &changed).await.unwrap();
    let found = read(&world, &world.home).await;
    assert_same(&found.clients, &vec![changed, client(2)]);
    assert_eq!(found.client_grants.len(), 2, "replacing is not deleting");
    assert_eq!(version(&world).await, 3);
}

async fn a_client_grant_is_added_once(world: World) {
    world.registry().put_client(&world.home, &client(2)).await.unwrap();
    let grant = ClientGrant {
        id: ClientGrantId::from_raw("cgr_two"),
        client_id: client(2).id,
        ..configuration(&world.home).client_grants.remove(0)
    };
    world.registry().add_client_grant(&world.home, &grant).await.unwrap();
    let found = read(&world, &world.home).await;
    assert_eq!(found.client_grants.len(), 3);
    assert_same(&found.client_grants[2], &grant);
    assert_eq!(found.tenant.version, 3);
    let same_subject = ClientGrant { id: ClientGrantId::from_raw("cgr_three"), ..grant };
    assert_conflict(world.registry().add_client_grant(&world.home, &same_subject).await);
    assert_same(&read(&world, &world.home).await, &found);
    assert_same(&read(&world, &world.abroad).await, &configuration(&world.abroad));
}

async fn keys_are_added_and_moved_on(world: World) {
    let moved = [
        key(1, KeyState::Previous),
        key(2, KeyState::Current),
        StoredKey { sealed_private: vec![9], ..key(3, KeyState::Next) },
    ];
    world.registry().put_keys(&world.home, &moved).await.unwrap();
    assert_same(&read(&world, &world.home).await.keys, &moved.to_vec());
    assert_eq!(version(&world).await, 2);
}

async fn a_key_is_revoked_once(world: World) {
    let (id, registry) = (key(1, KeyState::Current).id, world.registry());
    assert!(registry.revoke_key(&world.home, &id, NOW).await.unwrap());
    assert!(!registry.revoke_key(&world.home, &id, SOON).await.unwrap());
    assert!(!registry.revoke_key(&world.home, &KeyId::from_raw("none"), NOW).await.unwrap());
    let revoked = registry.revoked_keys(&world.home).await.unwrap();
    assert_eq!(revoked.len(), 1);
    assert_eq!((&revoked[0].id, revoked[0].revoked_at), (&id, NOW));
    assert!(registry.revoked_keys(&world.abroad).await.unwrap().is_empty());
    assert_same(&read(&world, &world.home).await.keys, &vec![key(2, KeyState::Next)]);
    assert_eq!(version(&world).await, 2, "only what changed counts");
}

async fn changes_touch_no_other_tenant(world: World) {
    let registry = world.registry();
    registry.put_client(&world.home, &Client { sealed_secret: None, ..client(1) }).await.unwrap();
    registry.put_keys(&world.home, &[key(1, KeyState::Previous)]).await.unwrap();
    registry.revoke_key(&world.home, &key(2, KeyState::Next).id, NOW).await.unwrap();
    registry.set_domains(&world.home, &[]).await.unwrap();
    assert_same(&read(&world, &world.abroad).await, &configuration(&world.abroad));
}

async fn changes_at_once_are_all_counted(world: World) {
    let home = world.home.clone();
    let changed = world.winners(|rival| {
        let home = home.clone();
        async move {
            use housekey_core::port::Store as _;
            rival.store.registry().put_client(&home, &client(1)).await.unwrap();
            true
        }
    });
    let changed = i64::try_from(changed.await).unwrap();
    assert_eq!(version(&world).await, 1 + changed);
}

async fn answers_a_ping(world: World) {
    world.registry().ping().await.unwrap();
    world.database.store().close().await;
    assert!(world.registry().ping().await.is_err());
}

//! From nothing to a tenant with an application and a user.

use super::{DATABASE, Folder};

#[test]
fn from_nothing_to_a_tenant_with_an_application_and_a_user() {
    let folder = Folder::new("from-nothing");
    folder.write("master.key", &folder.done("master-key", ""));
    folder.write("housekey.toml", &format!("{DATABASE}[master_key]\nfile = \"master.key\"\n"));
    assert!(folder.done("check-config --config housekey.toml", "").contains("is usable"));
    folder.done("migrate --config housekey.toml", "");
    let list = "tenant list --config housekey.toml --json";
    assert_eq!(folder.json(list, ""), serde_json::json!([]));

    let create = "tenant create --config housekey.toml acme --host login.acme.example";
    folder.done(create, "");
    assert!(folder.refused(create, &[]).contains("exists already"));
    let tenants = folder.json(list, "");
    assert_eq!(tenants[0]["name"], "acme");
    assert_eq!(tenants[0]["host"], "login.acme.example");

    let client = "client create --config housekey.toml --tenant acme --name Shop --json";
    let spa = folder.json(&format!("{client} --type spa --me-scopes all"), "");
    assert!(spa["client_id"].is_string() && spa["client_secret"].is_null(), "{spa}");
    let web = folder.json(&format!("{client} --type regular_web"), "");
    assert!(web["client_secret"].as_str().is_some_and(|secret| secret.len() >= 64), "{web}");
    let told = folder.refused(&format!("{client} --type spa --me-scopes read:everything"), &[]);
    assert!(told.contains("read:me:factors"), "{told}");
    let machine = format!("{client} --type non_interactive --management-scopes");
    folder.json(&format!("{machine} all"), "");
    folder.json(&format!("{machine} read:users,update:users"), "");
    let told = folder.refused(&format!("{machine} read:me:factors"), &[]);
    assert!(told.contains("read:client_grants"), "{told}");

    let user = "user create --config housekey.toml --tenant acme --email ada@acme.example --json";
    let told = folder.run(&format!("{user} --password-stdin"), &[], "12345678\n");
    assert!(String::from_utf8_lossy(&told.stderr).contains("the password is refused"), "{told:?}");
    let added = folder.json(&format!("{user} --password-stdin"), "a Fine-Passw0rd\n");
    assert!(added["user_id"].as_str().is_some_and(|id| id.starts_with("auth0|")), "{added}");
    assert!(folder.refused(user, &[]).contains("there is a user of that name already"));
    assert!(folder.refused(&user.replace("acme ", "nobody "), &[]).contains("no tenant nobody"));
}

#[test]
fn hosts_and_applications_are_told_about_passkeys() {
    let folder = Folder::new("passkeys");
    folder.write("master.key", &folder.done("master-key", ""));
    folder.write("housekey.toml", &format!("{DATABASE}[master_key]\nfile = \"master.key\"\n"));
    folder.done("tenant create --config housekey.toml acme --host login.acme.example", "");
    let host = "tenant host --config housekey.toml --tenant acme --add id.acme.example";
    let told = folder.refused(&format!("{host} --relying-party other.example"), &[]);
    assert!(told.contains("neither the host nor a domain it is part of"), "{told}");
    folder.done(&format!("{host} --relying-party acme.example"), "");

    let client = "client create --config housekey.toml --tenant acme --name App --type native";
    let android = format!("{client} --passkeys --android-package com.acme.app");
    let told = folder.refused(&format!("{android} --android-fingerprint 0F:0F"), &[]);
    assert!(told.contains("is no SHA-256 fingerprint"), "{told}");
    assert!(folder.refused(&format!("{client} --ios-app TEAM"), &[]).contains("its team, a dot"));
    let fingerprint = ["0F"; 32].join(":");
    let all = format!("{android} --android-fingerprint {fingerprint} --ios-app TEAM.com.acme.app");
    folder.done(&all, "");
}

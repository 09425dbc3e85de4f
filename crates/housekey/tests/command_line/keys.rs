//! `housekey keys`, and the master key.

use super::{DATABASE, Folder};

#[test]
fn each_rotation_signs_with_another_key() {
    let folder = Folder::new("rotation");
    folder.write("master.key", &folder.done("master-key", ""));
    folder.write("housekey.toml", &format!("{DATABASE}[master_key]\nfile = \"master.key\"\n"));
    folder.done("tenant create --config housekey.toml acme --host login.acme.example", "");
    let rotate = "keys rotate --config housekey.toml --tenant acme --json";
    let (first, second) = (folder.json(rotate, ""), folder.json(rotate, ""));
    assert!(first["kid"].is_string() && first["kid"] != second["kid"], "{first} {second}");
}

#[test]
fn a_database_of_another_master_key_is_refused() {
    let folder = Folder::new("other-key");
    folder.write("master.key", &folder.done("master-key", ""));
    folder.write("housekey.toml", &format!("{DATABASE}[master_key]\nfile = \"master.key\"\n"));
    folder.done("tenant create --config housekey.toml acme --host login.acme.example", "");
    folder.write("master.key", &folder.done("master-key", ""));
    let told = folder.refused("tenant list --config housekey.toml", &[]);
    assert!(told.contains("the master key does not open this database"), "{told}");
}

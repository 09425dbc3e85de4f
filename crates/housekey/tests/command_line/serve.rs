//! `housekey serve` and `check-config`: what they refuse, and how they say so.

use super::{DATABASE, Folder};

#[test]
fn serve_does_not_start_without_a_master_key_and_says_how_to_make_one() {
    let folder = Folder::new("no-master-key");
    folder.write("housekey.toml", DATABASE);
    let told = folder.refused("serve --config housekey.toml", &[]);
    for part in ["housekey.toml", "there is no master key", "`housekey master-key > master.key`"] {
        assert!(told.contains(part), "{part} is missing in {told}");
    }
    assert!(!folder.0.join("housekey.db").exists(), "nothing was made");
}

#[test]
fn serve_does_not_start_with_an_unknown_key() {
    let folder = Folder::new("unknown-key");
    folder.write("housekey.toml", &format!("{DATABASE}[server]\nlistn = \"127.0.0.1:0\"\n"));
    let told = folder.refused("serve --config housekey.toml", &[]);
    assert!(told.contains("housekey.toml:4: unknown key `listn`"), "{told}");
    let variables = [("HOUSEKEY_SERVER__LISTN", "127.0.0.1:0")];
    folder.write("housekey.toml", DATABASE);
    let told = folder.refused("check-config --config housekey.toml", &variables);
    assert!(told.contains("HOUSEKEY_SERVER__LISTN: unknown key `listn`"), "{told}");
}

#[test]
fn a_missing_file_and_a_port_in_use_are_told_plainly() {
    let folder = Folder::new("plain-words");
    let told = folder.refused("serve --config nowhere.toml", &[]);
    assert!(told.contains("nowhere.toml: the configuration file cannot be read"), "{told}");

    let key = folder.done("master-key", "");
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("binds");
    let address = taken.local_addr().expect("has an address").to_string();
    folder.write("housekey.toml", DATABASE);
    let variables =
        [("HOUSEKEY_MASTER_KEY__VALUE", key.trim()), ("HOUSEKEY_SERVER__LISTEN", &address)];
    let told = folder.refused("serve --config housekey.toml", &variables);
    assert!(told.contains(&format!("{address} is in use")), "{told}");
}

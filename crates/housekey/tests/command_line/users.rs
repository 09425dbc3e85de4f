//! `housekey user import` and `export`, and imports that are cut short.

use std::collections::HashSet;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use serde_json::Value;

use super::{Folder, with_tenant};

/// So many users as a file has them; every hundredth is there twice.
fn crowd(number: usize) -> String {
    let user = |n: usize| {
        format!(
            "{{\"email\":\"u{}@acme.example\",\"user_metadata\":{{\"n\":{n}}}}}",
            n - n % 100 / 99
        )
    };
    (0..number).map(user).collect::<Vec<_>>().join("\n")
}

/// Imports until `done` users are told of, and is killed then.
fn killed_behind(folder: &Folder, line: &str, done: &str) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_housekey"))
        .args(line.split(' '))
        .current_dir(&folder.0)
        .env_clear()
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary starts");
    let mut lines = BufReader::new(child.stderr.take().expect("piped")).lines();
    let told = lines.find(|line| line.as_ref().is_ok_and(|line| line.starts_with(done)));
    // SIGKILL: nothing is finished, and nothing is tidied up.
    child.kill().expect("it runs");
    assert!(told.is_some(), "{done} was not reached");
    assert!(!child.wait().expect("it ends").success(), "it was done before it was killed");
}

#[test]
fn a_killed_import_is_gone_on_with() {
    const USERS: usize = 6000;
    let folder = with_tenant("killed-import");
    folder.write("users.ndjson", &crowd(USERS));
    let import = "user import users.ndjson --config housekey.toml --tenant acme \
                  --connection Username-Password-Authentication --json";
    killed_behind(&folder, import, "1000 of 6000");
    killed_behind(&folder, import, "4000 of 6000");
    let output = folder.run(import, &[], "");
    assert!(output.status.success(), "{output:?}");
    let done: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let resumed_at = done["resumed_at"].as_u64().expect("a number");
    assert!((4000..6000).contains(&resumed_at), "{done}");
    let (once, twice) = (USERS - USERS / 100, USERS / 100);
    assert_eq!((&done["inserted"], &done["failed"]), (&once.into(), &twice.into()), "{done}");
    let told = String::from_utf8(output.stderr).expect("UTF-8");
    assert!(told.contains("user 6000: DUPLICATED_USER: The user already exists."), "{told}");

    let export = "user export --config housekey.toml --tenant acme";
    let text = folder.done(export, "");
    let email = |line: &str| {
        let user: Value = serde_json::from_str(line).expect("JSON");
        user["email"].as_str().expect("a text").to_owned()
    };
    let emails: HashSet<_> = text.lines().map(email).collect();
    assert_eq!((text.lines().count(), emails.len()), (once, once), "none lost, none doubled");

    let again = folder.json(import, "");
    assert_eq!((&again["inserted"], &again["failed"]), (&0.into(), &USERS.into()), "{again}");
    let upserted = folder.json(&format!("{import} --upsert"), "");
    assert_eq!((&upserted["updated"], &upserted["failed"]), (&USERS.into(), &0.into()));
}

#[test]
fn users_go_out_and_come_in_again() {
    let folder = with_tenant("export");
    let users = "[{\"user_id\": \"1\", \"email\": \"a@acme.example\", \"name\": \"A, B\"},\n\
                 {\"user_id\": \"2\", \"email\": \"b@acme.example\"}, {\"email\": \"nobody\"}]";
    folder.write("users.json", users);
    let target = "--config housekey.toml --tenant acme";
    let connection = "--connection Username-Password-Authentication";
    let told = folder.done(&format!("user import users.json {target} {connection}"), "");
    assert!(told.contains("inserted  2") && told.contains("failed    1"), "{told}");
    let export = format!("user export {target} {connection}");
    let fields = "--format csv --fields user_id,email=mail,name";
    let table = folder.done(&format!("{export} {fields}"), "");
    assert_eq!(
        table,
        "user_id,mail,name\r\nauth0|1,a@acme.example,\"A, B\"\r\n\
        auth0|2,b@acme.example,b@acme.example\r\n"
    );
    let done = folder.json(&format!("{export} {fields} --limit 1 --output users.csv --json"), "");
    assert_eq!(done["users"], 1);
    let written = std::fs::read_to_string(folder.0.join("users.csv")).expect("was written");
    assert!(table.starts_with(&written) && written.lines().count() == 2, "{written}");

    let import = format!("user import nowhere.json {target} {connection}");
    assert!(folder.refused(&import, &[]).contains("nowhere.json cannot be read"));
    folder.write("broken.json", "[{\"email\": \"c@acme.example\"}, {\"email\" }]");
    let told = folder.refused(&import.replace("nowhere", "broken"), &[]);
    assert!(told.contains("user 2 of the file"), "{told}");
    assert_eq!(folder.done(&export, "").lines().count(), 2, "nobody of a broken file comes in");
    let told = folder.refused(&format!("user import users.json {target} --connection none"), &[]);
    assert!(told.contains("has no connection none"), "{told}");
}

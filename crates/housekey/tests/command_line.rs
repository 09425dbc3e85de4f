//! The binary as an operator calls it: what it refuses and how it says so, and the way from
//! nothing to a tenant with an application and a user.

use std::collections::HashSet;
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

/// A directory of one test's own.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).expect("the folder can be made");
        Self(path)
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.0.join(name), text).expect("the folder is writable");
    }

    /// Runs the binary here, with nothing in its environment but `variables`.
    fn run(&self, line: &str, variables: &[(&str, &str)], input: &str) -> Output {
        let mut child = Command::new(env!("CARGO_BIN_EXE_housekey"))
            .args(line.split(' '))
            .current_dir(&self.0)
            .env_clear()
            .envs(variables.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary starts");
        // A command that reads nothing may have ended already.
        let _ = child.stdin.take().expect("piped").write_all(input.as_bytes());
        child.wait_with_output().expect("the binary ends")
    }

    #[track_caller]
    fn refused(&self, line: &str, variables: &[(&str, &str)]) -> String {
        let output = self.run(line, variables, "");
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        assert!(output.stdout.is_empty(), "{output:?}");
        String::from_utf8(output.stderr).expect("UTF-8")
    }

    #[track_caller]
    fn done(&self, line: &str, input: &str) -> String {
        let output = self.run(line, &[], input);
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).expect("UTF-8")
    }

    #[track_caller]
    fn json(&self, line: &str, input: &str) -> Value {
        serde_json::from_str(&self.done(line, input)).expect("JSON")
    }
}

const DATABASE: &str = "[database]\nurl = \"sqlite://housekey.db\"\n";

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

/// A folder with a database in which there is the tenant "acme".
fn with_tenant(name: &str) -> Folder {
    let folder = Folder::new(name);
    folder.write("master.key", &folder.done("master-key", ""));
    folder.write("housekey.toml", &format!("{DATABASE}[master_key]\nfile = \"master.key\"\n"));
    folder.done("tenant create --config housekey.toml acme --host login.acme.example", "");
    folder
}

#[test]
fn limits_are_shown_and_set_one_by_one() {
    let folder = with_tenant("limits");
    let limits = "tenant limits --config housekey.toml --tenant acme --json";
    assert_eq!(folder.json(limits, "")["tenant_writes_per_second"], 25);
    let changed = folder.json(&format!("{limits} --tenant-writes 10 --person-reads 0"), "");
    assert_eq!(changed["tenant_writes_per_second"], 10);
    assert_eq!(changed["user_reads_per_minute"], 0);
    assert_eq!(changed["tenant_reads_per_second"], 25, "the rest stays");
    assert_eq!(folder.json(limits, ""), changed);
    assert_eq!(changed["log_retention_days"], 30);
    let changed = folder.json(&format!("{limits} --log-days 7"), "");
    assert_eq!(changed["log_retention_days"], 7);
    assert_eq!(changed["tenant_writes_per_second"], 10, "the rest stays");
}

#[test]
fn factors_are_switched_on_and_off() {
    let folder = with_tenant("factors");
    let factors = "tenant factors --config housekey.toml --tenant acme --json";
    assert_eq!(folder.json(factors, ""), serde_json::json!(["otp", "email", "recovery-code"]));
    let changed = folder.json(&format!("{factors} --on sms,push-notification --off email"), "");
    let expected = serde_json::json!(["otp", "sms", "push-notification", "recovery-code"]);
    assert_eq!(changed, expected);
    assert_eq!(folder.json(factors, ""), expected);
    let told = folder.refused(&format!("{factors} --on telepathy"), &[]);
    assert!(told.contains("telepathy is no factor"), "{told}");
}

#[test]
fn a_phone_provider_is_kept_sealed() {
    let folder = with_tenant("phone-provider");
    let provider = |rest: &str| {
        let (which, rest) = rest.split_once(' ').unwrap_or((rest, ""));
        let line = format!("tenant phone-provider {which} --config housekey.toml --tenant acme");
        format!("{line} {rest}").trim_end().to_owned()
    };
    let token = "a-secret-token-of-twilio";
    folder.done(&provider("twilio --sid AC1 --from +12025550100"), &format!("{token}\n"));
    let database = std::fs::read(folder.0.join("housekey.db")).expect("there is a database");
    let holds = |text: &str| database.windows(text.len()).any(|part| part == text.as_bytes());
    assert!(holds("+12025550100") && !holds(token));
    let told = folder.refused(&provider("webhook --url https://sms.acme.example/"), &[]);
    assert!(told.contains("standard input has no credential"), "{told}");
    folder.done(&provider("webhook --url https://sms.acme.example/ --no-voice"), "whsec_YWJj");
    folder.done(&provider("default-country 49"), "");
    let told = folder.refused(&provider("default-country +49"), &[]);
    assert!(told.contains("no calling code"), "{told}");
    folder.done(&provider("none"), "");
}

#[test]
fn push_providers_stand_beside_each_other_and_are_kept_sealed() {
    let folder = with_tenant("push-provider");
    let provider =
        |which: &str| format!("tenant push-provider {which} --config housekey.toml --tenant acme");
    let secret = "a-private-key-of-google";
    let told = folder.done(&provider("fcm"), &format!("{{\"private_key\":\"{secret}\"}}"));
    assert!(told.contains("through FCM"), "{told}");
    let apns = format!("{} --bundle-id app --team-id team --key-id key", provider("apns"));
    assert!(folder.done(&apns, "-----BEGIN").contains("through FCM and APNs"));
    let database = std::fs::read(folder.0.join("housekey.db")).expect("there is a database");
    assert!(!database.windows(secret.len()).any(|part| part == secret.as_bytes()));
    let webhook = format!("{} --url https://push.acme.example/", provider("webhook"));
    assert!(folder.done(&webhook, "whsec_YWJj").contains("webhook"));
    assert!(folder.done(&provider("none"), "").contains("no push provider"));
}

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

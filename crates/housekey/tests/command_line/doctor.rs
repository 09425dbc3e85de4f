//! `housekey doctor`.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::thread;

use serde_json::Value;

use super::{DATABASE, Folder, with_tenant};

const DOCTOR: &str = "doctor --config housekey.toml --json";

/// What the doctor finds, and whether it is content.
fn findings(folder: &Folder, line: &str) -> (Vec<Value>, bool) {
    let output = folder.run(line, &[], "");
    let report: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(report["ok"], output.status.success(), "{output:?}");
    let found = report["findings"].as_array().expect("a list").clone();
    (found, output.status.success())
}

/// State, message and remedy of a check.
#[track_caller]
fn of<'a>(findings: &'a [Value], check: &str) -> (&'a str, &'a str, &'a str) {
    let found = findings.iter().find(|found| found["check"] == check);
    let found = found.unwrap_or_else(|| panic!("{check} is not in {findings:?}"));
    let text = |name: &str| found[name].as_str().unwrap_or_default();
    (text("state"), text("message"), text("remedy"))
}

/// A server on loopback that answers every request with this text; its port.
fn answering(text: &str) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("binds");
    let port = listener.local_addr().expect("has an address").port();
    let answer = format!(
        "HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{text}",
        text.len()
    );
    thread::spawn(move || {
        for mut connection in listener.incoming().map_while(Result::ok) {
            let lines = BufReader::new(connection.try_clone().expect("a handle")).lines();
            let head = lines.map_while(Result::ok).take_while(|line| !line.is_empty()).count();
            assert!(head > 0, "a request");
            let _ = connection.write_all(answer.as_bytes());
        }
    });
    port
}

fn add_host(folder: &Folder, host: &str) {
    let add = format!("tenant host --config housekey.toml --tenant acme --add {host}");
    folder.done(&add, "");
}

fn configure(folder: &Folder, more: &str) {
    folder
        .write("housekey.toml", &format!("{DATABASE}[master_key]\nfile = \"master.key\"\n{more}"));
}

#[test]
fn mistakes_in_the_configuration_are_told_with_a_remedy() {
    let folder = Folder::new("doctor-mistakes");
    folder.write("housekey.toml", DATABASE);
    let (found, is_content) = findings(&folder, DOCTOR);
    assert!(!is_content);
    let (state, message, remedy) = of(&found, "configuration");
    assert_eq!(state, "problem");
    assert!(message.contains("there is no master key"), "{message}");
    assert!(remedy.contains("housekey master-key"), "{remedy}");
}

#[test]
fn nothing_is_made_by_looking() {
    let folder = Folder::new("doctor-new");
    folder.write("master.key", &folder.done("master-key", ""));
    configure(&folder, "");
    let (found, is_content) = findings(&folder, DOCTOR);
    assert!(is_content, "warnings only: {found:?}");
    assert_eq!(of(&found, "configuration").0, "ok");
    let (state, message, _) = of(&found, "database");
    assert_eq!(state, "warning");
    assert!(message.ends_with("housekey.db is not there yet"), "{message}");
    assert_eq!(of(&found, "mail").0, "warning");
    assert_eq!(of(&found, "clock").0, "ok");
    assert!(of(&found, "disk").1.contains("MiB are free"));
    assert!(!folder.0.join("housekey.db").exists(), "looking made it");
}

#[test]
fn another_master_key_is_told() {
    let folder = with_tenant("doctor-key");
    folder.write("master.key", &folder.done("master-key", ""));
    let (found, is_content) = findings(&folder, DOCTOR);
    assert!(!is_content);
    assert_eq!(of(&found, "master key").0, "problem");
    assert!(found.iter().all(|found| !found["check"].as_str().unwrap().starts_with("domain")));
}

#[test]
fn each_host_has_to_lead_here() {
    let folder = with_tenant("doctor-domains");
    configure(&folder, "[server]\npublic_scheme = \"http\"\n");
    let elsewhere = format!("localhost:{}", answering("{\"issuer\":\"https://else.example/\"}"));
    let closed = {
        let listener = TcpListener::bind("127.0.0.1:0").expect("binds");
        format!("localhost:{}", listener.local_addr().expect("has an address").port())
    };
    for host in [&elsewhere, &closed] {
        add_host(&folder, host);
    }
    let (found, is_content) = findings(&folder, &format!("{DOCTOR} --tenant acme"));
    assert!(!is_content);
    assert_eq!(of(&found, "master key").0, "ok");
    let (state, message, remedy) = of(&found, "domain login.acme.example");
    assert_eq!(state, "problem");
    assert!(message.contains("login.acme.example does not resolve"), "{message}");
    assert!(remedy.contains("A or AAAA record"), "{remedy}");
    let (state, message, remedy) = of(&found, &format!("domain {elsewhere}"));
    assert_eq!(state, "problem");
    assert!(message.contains("says that the issuer is \"https://else.example/\""), "{message}");
    assert!(remedy.contains("server.trusted_proxies"), "{remedy}");
    let (state, _, remedy) = of(&found, &format!("domain {closed}"));
    assert!(state == "problem" && remedy.contains("see that the server runs"), "{remedy}");
    let (none, _) = findings(&folder, &format!("{DOCTOR} --tenant nobody"));
    assert_eq!(of(&none, "domains").0, "warning");
}

#[test]
fn a_mail_server_that_does_not_answer_is_told() {
    let folder = Folder::new("doctor-mail");
    folder.write("master.key", &folder.done("master-key", ""));
    let closed = TcpListener::bind("127.0.0.1:0").expect("binds").local_addr().expect("bound");
    let mail = format!(
        "[mail]\nhost = \"127.0.0.1\"\nport = {}\ntls = \"none\"\nfrom = \"a@acme.example\"\n",
        closed.port()
    );
    configure(&folder, &mail);
    let (found, is_content) = findings(&folder, DOCTOR);
    assert!(!is_content);
    let (state, message, remedy) = of(&found, "mail");
    assert_eq!(state, "problem");
    assert!(message.contains(&closed.to_string()), "{message}");
    assert!(remedy.contains("firewall"), "{remedy}");
    let told = folder.run("doctor --config housekey.toml", &[], "");
    let text = String::from_utf8(told.stdout).expect("UTF-8");
    assert!(text.contains("problem  mail") && text.contains("\n         compare host"), "{text}");
}

#[test]
fn a_certificate_needs_its_key() {
    let folder = Folder::new("doctor-certificate");
    folder.write("master.key", &folder.done("master-key", ""));
    folder.write("tls.pem", "nothing");
    configure(&folder, "[server]\ntls_certificate = \"tls.pem\"\ntls_key = \"master.key\"\n");
    let (found, is_content) = findings(&folder, DOCTOR);
    assert!(!is_content);
    let (state, message, _) = of(&found, "certificate");
    assert_eq!((state, message), ("problem", "tls.pem has no certificate"));
}

#[test]
fn a_database_server_is_asked_for_its_clock() {
    let Ok(url) = std::env::var("HOUSEKEY_TEST_POSTGRES") else { return };
    let folder = Folder::new("doctor-postgres");
    folder.write("master.key", &folder.done("master-key", ""));
    let database = format!("[database]\nurl = \"{url}\"\n");
    folder.write("housekey.toml", &format!("{database}[master_key]\nfile = \"master.key\"\n"));
    let (found, is_content) = findings(&folder, DOCTOR);
    assert!(is_content, "{found:?}");
    let (state, message, remedy) = of(&found, "database");
    assert_eq!(state, "warning");
    assert!(message.contains("migrations are missing"), "{message}");
    assert!(remedy.contains("housekey migrate"), "{remedy}");
    assert_eq!(of(&found, "clock").0, "ok");
    let unreachable = database.replace("postgres://", "postgres://nobody");
    folder.write("housekey.toml", &format!("{unreachable}[master_key]\nfile = \"master.key\"\n"));
    let (found, is_content) = findings(&folder, DOCTOR);
    assert!(!is_content);
    assert_eq!(of(&found, "database").0, "problem");
}

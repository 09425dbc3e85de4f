use super::mistake::Mistake;
use super::*;

const KEY: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

fn read_with(text: &str, environment: &[(&str, &str)]) -> Result<Settings, Mistakes> {
    let environment = environment.iter().map(|(name, value)| (name.into(), value.into()));
    read(Path::new("housekey.toml"), text, environment)
}

fn minimal() -> String {
    format!("[database]\nurl = \"sqlite://h.db\"\n[master_key]\nvalue = \"{KEY}\"\n")
}

/// The minimal file, with `more` behind it.
fn settings(more: &str) -> Settings {
    match read_with(&format!("{}{more}", minimal()), &[]) {
        Ok(settings) => settings,
        Err(mistakes) => panic!("{mistakes}"),
    }
}

fn mistakes_of(text: &str, environment: &[(&str, &str)]) -> Vec<Mistake> {
    match read_with(text, environment) {
        Ok(_) => panic!("no mistake was found in {text}"),
        Err(mistakes) => mistakes.found().to_vec(),
    }
}

/// The only mistake of the minimal file with `more` behind it.
fn mistake(more: &str) -> Mistake {
    let found = mistakes_of(&format!("{}{more}", minimal()), &[]);
    assert_eq!(found.len(), 1, "{found:?}");
    found[0].clone()
}

#[track_caller]
fn assert_told(more: &str, place: &str, problem: &str) {
    let told = mistake(more);
    assert_eq!(told.place, place, "{told:?}");
    assert!(told.problem.contains(problem), "{told:?}");
    assert!(!told.remedy.is_empty());
}

#[test]
fn defaults_need_a_database_and_a_key_only() {
    let settings = settings("");
    assert_eq!(settings.server.listen.to_string(), "127.0.0.1:4000");
    assert!(settings.server.tls.is_none() && settings.mail.is_none());
    assert!(matches!(settings.server.web.public_scheme, housekey_web::Scheme::Https));
    assert_eq!((settings.log.level.as_str(), settings.log.format), ("info", LogFormat::Text));
    assert_eq!(settings.passwords.cost.memory_kib, 19_456);
}

#[test]
fn a_whole_file_is_understood() {
    let settings = settings(
        "[server]\nlisten = \"[::1]:9\"\ntrusted_proxies = [\"10.0.0.0/8\"]\n\
         public_scheme = \"http\"\n[mail]\nhost = \"mx.example.com\"\ntls = \"implicit\"\n\
         username = \"u\"\npassword = \"p\"\nfrom = \"no-reply@example.com\"\n\
         [outbound]\nallow_private_addresses = true\n\
         name_servers = [\"192.0.2.53\", \"[::1]:5353\"]\n[log]\nlevel = \"warn\"\nformat = \"json\"\n[passwords]\nmemory_kib = 64\nat_once = 3\n",
    );
    assert_eq!(settings.server.listen.port(), 9);
    assert_eq!(settings.server.web.trusted_proxies, ["10.0.0.0/8"]);
    let mail = settings.mail.expect("configured");
    assert_eq!((mail.port, mail.host.as_str()), (465, "mx.example.com"));
    assert!(settings.outbound.http.allow_private_addresses);
    let servers: Vec<_> = settings.outbound.name_servers.iter().map(ToString::to_string).collect();
    assert_eq!(servers, ["192.0.2.53:53", "[::1]:5353"]);
    assert_eq!(settings.log.format, LogFormat::Json);
    assert_eq!((settings.passwords.cost.memory_kib, settings.passwords.at_once), (64, 3));
}

#[test]
fn variables_go_over_the_file() {
    let environment = [
        ("HOUSEKEY_SERVER__LISTEN", "0.0.0.0:80"),
        ("HOUSEKEY_SERVER__TRUSTED_PROXIES", "10.0.0.1, fd00::/8"),
        ("HOUSEKEY_DATABASE__MAX_CONNECTIONS", "7"),
        ("HOUSEKEY_MAIL__HOST", "mx"),
        ("HOUSEKEY_MAIL__FROM", "a@b.example"),
        ("HOUSEKEY_MAIL__USERNAME", "12345"),
        ("HOUSEKEY_MAIL__PASSWORD", "true"),
        ("HOUSEKEY_TEST_POSTGRES", "somebody else's"),
    ];
    let Ok(settings) = read_with(&minimal(), &environment) else { panic!("refused") };
    assert_eq!(settings.server.listen.to_string(), "0.0.0.0:80");
    assert_eq!(settings.server.web.trusted_proxies, ["10.0.0.1", "fd00::/8"]);
    assert_eq!(settings.database.options.max_connections, Some(7));
    let (username, _) = settings.mail.expect("configured").credentials.expect("given");
    assert_eq!(username, "12345");
}

#[test]
fn a_mistake_in_a_variable_names_the_variable() {
    for (name, value, problem) in [
        ("HOUSEKEY_SERVER__LISTN", "x", "unknown key `listn`"),
        ("HOUSEKEY_SERVICE__LISTEN", "x", "unknown key `service`"),
        ("HOUSEKEY_MAIL__PORT", "smtp", "expected u16"),
        ("HOUSEKEY_SERVER__LISTEN", "localhost", "\"localhost\" is not an IP address"),
    ] {
        let found = mistakes_of(&minimal(), &[(name, value)]);
        assert_eq!(found[0].place, name, "{found:?}");
        assert!(found[0].problem.contains(problem), "{found:?}");
    }
}

#[test]
fn unknown_keys_and_wrong_types_are_refused_with_their_line() {
    assert_told("[server]\nlistn = 1\n", "housekey.toml:6", "unknown key `listn`");
    assert_told("[servr]\n", "housekey.toml:5", "unknown key `servr`");
    assert_told("[server]\nlisten = 4000\n", "housekey.toml:6", "expected a string");
    assert_told("[server]\npublic_scheme = \"ftp\"\n", "housekey.toml:6", "unknown variant `ftp`");
    assert_told("[server\n", "housekey.toml:5", "");
    assert_told("[database]\n", "housekey.toml:5", "duplicate key");
}

#[test]
fn each_wrong_value_is_told_with_its_line() {
    let mail = "[mail]\nhost = \"mx\"\nfrom = \"a@b.example\"\n";
    assert_told("[server]\nlisten = \"localhost:1\"\n", "housekey.toml:6", "server.listen");
    assert_told("[server]\ntls_key = \"k.pem\"\n", "housekey.toml", "server.tls_certificate: mis");
    assert_told("[server]\ntrusted_proxies = [\"lb\"]\n", "housekey.toml:6", "\"lb\" is neither");
    assert_told("[log]\nlevel = \"=loud=\"\n", "housekey.toml:6", "log.level");
    assert_told("[passwords]\nmemory_kib = 7\n", "housekey.toml:6", "passwords.memory_kib");
    assert_told("[passwords]\npasses = 0\n", "housekey.toml:6", "passwords.passes");
    assert_told("[passwords]\nlanes = 65\n", "housekey.toml:6", "passwords.lanes");
    assert_told("[passwords]\nat_once = 0\n", "housekey.toml:6", "passwords.at_once");
    assert_told("[outbound]\nname_servers = [\"x\"]\n", "housekey.toml:6", "not an address");
    assert_told("[outbound]\nca_certificate = \"/no\"\n", "housekey.toml:6", "/no cannot be");
    assert_told("[mail]\nfrom = \"a@b.example\"\n", "housekey.toml", "mail.host: missing");
    assert_told("[mail]\nhost = \"mx\"\nfrom = \"me\"\n", "housekey.toml:7", "mail.from: \"me\"");
    assert_told(&format!("{mail}username = \"u\"\n"), "housekey.toml:8", "no password to it");
    assert_told(&format!("{mail}password = \"p\"\n"), "housekey.toml", "mail.username: missing");
    let file = format!("{mail}username = \"u\"\npassword_file = \"/no/such\"\n");
    assert_told(&file, "housekey.toml:9", "/no/such cannot be read");
}

#[test]
fn a_missing_master_key_or_database_says_what_to_do() {
    let found = mistakes_of("", &[]);
    let told: Vec<_> = found.iter().map(|told| told.problem.as_str()).collect();
    assert_eq!(told, ["database.url: there is no database", "master_key: there is no master key"]);
    assert!(found[1].remedy.contains("housekey master-key"), "{found:?}");
}

#[test]
fn a_wrong_master_key_is_not_repeated() {
    let text = "[database]\nurl = \"sqlite://h.db\"\n[master_key]\nvalue = \"hunter2\"\n";
    let found = mistakes_of(text, &[]);
    assert_eq!(found[0].place, "housekey.toml:4");
    assert!(!format!("{found:?}").contains("hunter2"), "{found:?}");
}

#[test]
fn a_database_url_is_not_repeated() {
    let text =
        format!("[database]\nurl = \"mysql://u:hunter2@h/d\"\n[master_key]\nvalue=\"{KEY}\"");
    let found = mistakes_of(&text, &[]);
    assert_eq!(found[0].place, "housekey.toml:2");
    assert!(!format!("{found:?}").contains("hunter2"), "{found:?}");
}

//! Looking names up, at a name server on loopback.

use housekey_core::port::Resolver;
use housekey_outbound::Dns;
use housekey_testkit::names::{NameServer, Names};

#[tokio::test]
async fn records_are_read_whole_and_as_they_are_now() {
    let names = Names::default();
    let server = NameServer::start(names.clone()).await;
    let dns = Dns::new(&[server.address]).expect("a resolver");
    assert_eq!(dns.texts("_housekey.login.example").await, Ok(vec![]), "no such name");
    let long = "housekey-domain-verification=abcdefghijklmnopqrstuvwxyz";
    names.set("_housekey.login.example", long);
    assert_eq!(dns.texts("_housekey.login.example").await, Ok(vec![long.to_owned()]));
    names.set("_housekey.login.example", "other");
    assert_eq!(dns.texts("_housekey.login.example").await, Ok(vec!["other".to_owned()]));
}

#[tokio::test]
async fn what_nobody_tells_is_no_absence() {
    let names = Names::default();
    let server = NameServer::start(names.clone()).await;
    names.fail("_housekey.login.example");
    let dns = Dns::new(&[server.address]).expect("a resolver");
    assert!(dns.texts("_housekey.login.example").await.is_err());
}

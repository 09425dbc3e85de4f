//! Jobs whose process ends, at any moment: nobody is lost and nobody is doubled.

use std::collections::BTreeSet;
use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;

use housekey_core::job::{run_due, take_up};
use housekey_testkit::{TestApp, TestDatabase};
use housekey_web::manage::shown_user;
use serde_json::{Value, json};

use super::Machine;
use super::job_exports::unpacked;
use super::jobs::{BCRYPT, connection};

/// How many users are imported, with one in fifty there twice.
const USERS: usize = 2000;

/// Goes on with `future` for as many turns and drops it then, as the end of a process does.
async fn ends_after<T>(turns: usize, future: impl Future<Output = T>) -> Option<T> {
    let (mut future, mut left) = (pin!(future), turns);
    poll_fn(|context| {
        if left == 0 {
            return Poll::Ready(None);
        }
        left -= 1;
        future.as_mut().poll(context).map(Some)
    })
    .await
}

/// Does what is to be done by processes that end sooner or later; how many did before the end.
async fn work_with_interruptions(app: &TestApp) -> usize {
    let (mut ended, mut turns) = (0, 1);
    loop {
        match ends_after(turns, run_due(app.core(), shown_user, &|| true)).await {
            Some(done) => {
                if !done.expect("the database answers") {
                    return ended;
                }
            }
            None => ended += 1,
        }
        app.clock().advance(31);
        turns += turns / 4 + 1;
    }
}

async fn a_job_stays_with_whoever_took_it_up(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = Machine::new(&app).await;
    let job = machine.post("jobs/users-exports", &json!({})).await.expect(200).text("/id");
    let taken = async || {
        let taken = take_up(app.core()).await.expect("the database answers");
        taken.map(|(tenant, job)| (tenant.to_string(), job.id.to_string()))
    };
    assert_eq!(taken().await, Some(("acme".to_owned(), job)));
    app.clock().advance(29);
    assert_eq!(taken().await, None);
    app.clock().advance(1);
    assert!(taken().await.is_some(), "its process is thought to have ended");
    app.clock().advance(30);
    while run_due(app.core(), shown_user, &|| true).await.expect("the database answers") {}
    app.clock().advance(30);
    assert_eq!(taken().await, None, "it is done");
}

fn email(n: usize) -> String {
    format!("u{}@example.com", n - n % 50 / 49)
}

async fn an_import_is_gone_on_with(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = Machine::new(&app).await;
    let id = connection(&machine).await;
    let users: Vec<_> =
        (0..USERS).map(|n| json!({ "email": email(n), "password_hash": BCRYPT })).collect();
    let users = json!(users).to_string();
    let job = machine.upload(&[("connection_id", &id)], Some(&users)).await.expect(202);
    let ended = work_with_interruptions(&app).await;
    assert!(ended > 3, "{ended}");

    let machine = Machine::new(&app).await;
    let path = format!("jobs/{}", job.text("/id"));
    let done = machine.get(&path).await.expect(200).json();
    let (twice, once) = (USERS / 50, USERS - USERS / 50);
    let summary = json!({ "inserted": once, "updated": 0, "failed": twice, "total": USERS });
    assert_eq!((&done["status"], &done["summary"]), (&json!("completed"), &summary));
    let errors = machine.get(&format!("{path}/errors")).await.expect(200).json();
    assert_eq!(errors.as_array().map(Vec::len), Some(twice));
    let mut tx = app.core().read(&app.tenant_id()).await.expect("the database answers");
    let all = tx.users_behind(None, "", 10_000).await.expect("the database answers");
    let stored: Vec<_> = all.into_iter().filter_map(|record| record.user.profile.email).collect();
    assert_eq!(stored.len(), once, "none is doubled");
    let expected: BTreeSet<_> = (0..USERS).map(email).collect();
    assert_eq!(stored.into_iter().collect::<BTreeSet<_>>(), expected, "none is lost");
}

async fn two_processes_do_nothing_twice(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = Machine::new(&app).await;
    let id = connection(&machine).await;
    let users: Vec<_> = (0..1000).map(|n| json!({ "email": email(n * 50) })).collect();
    let users = json!(users).to_string();
    let job = machine.upload(&[("connection_id", &id)], Some(&users)).await.expect(202);
    // One that is thought to have ended, and has not.
    let slow = || {
        app.clock().advance(31);
        true
    };
    let (one, other) = tokio::join!(
        run_due(app.core(), shown_user, &slow),
        run_due(app.core(), shown_user, &slow),
    );
    assert!(one.is_ok() && other.is_ok(), "{one:?} {other:?}");
    while run_due(app.core(), shown_user, &|| true).await.expect("the database answers") {}
    let machine = Machine::new(&app).await;
    let path = format!("jobs/{}", job.text("/id"));
    let done = machine.get(&path).await.expect(200).json();
    assert_eq!(done["summary"]["inserted"], 1000, "{done}");
    let mut tx = app.core().read(&app.tenant_id()).await.expect("the database answers");
    assert_eq!(tx.count_users(None).await.expect("the database answers"), 1000);
}

async fn an_export_is_gone_on_with(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = Machine::new(&app).await;
    let id = connection(&machine).await;
    let users: Vec<_> =
        (0..1500).map(|n| json!({ "email": format!("u{n}@example.com") })).collect();
    let users = json!(users).to_string();
    let _ = machine.upload(&[("connection_id", &id)], Some(&users)).await.expect(202);
    while run_due(app.core(), shown_user, &|| true).await.expect("the database answers") {}
    let job = machine.post("jobs/users-exports", &json!({})).await.expect(200).text("/id");
    let ended = work_with_interruptions(&app).await;
    assert!(ended > 3, "{ended}");
    let machine = Machine::new(&app).await;
    let link = machine.get(&format!("jobs/{job}")).await.expect(200).text("/location");
    let path = link.strip_prefix(app.issuer().trim_end_matches('/')).expect("on this host");
    let sent = app.get(path).send().await.expect(200);
    let text = unpacked(&sent.bytes);
    let read = |line: &str| serde_json::from_str::<Value>(line).expect("JSON");
    let ids: BTreeSet<_> = text.lines().map(|line| read(line)["user_id"].to_string()).collect();
    assert_eq!((text.lines().count(), ids.len()), (1500, 1500));
}

on_both_engines! {
    a_job_stays_with_whoever_took_it_up,
    an_import_is_gone_on_with,
    two_processes_do_nothing_twice,
    an_export_is_gone_on_with,
}

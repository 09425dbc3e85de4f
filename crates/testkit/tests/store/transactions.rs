//! What a transaction promises.

use crate::samples::{code, handle, login, user, user_id};
use crate::world::{World, assert_conflict, commit};
use housekey_core::port::{Mode, Store, StoreError};
use housekey_testkit::databases::open;

contract! {
    nothing_shows_before_commit,
    dropping_rolls_back,
    an_abandoned_statement_rolls_back,
    a_read_transaction_refuses_to_write,
    a_failed_transaction_refuses_everything,
    many_readers_and_writers_get_their_turn,
    a_unit_that_ends_badly_takes_no_other_with_it,
    what_is_of_passing_worth_is_kept_like_the_rest,
    closing_waits_for_what_is_running,
}

async fn nothing_shows_before_commit(world: World) {
    let mut tx = world.write(&world.home).await;
    tx.insert_user(&user(1)).await.unwrap();
    assert!(tx.user(&user_id(1)).await.unwrap().is_some());
    let mut reader = world.read(&world.home).await;
    assert!(reader.user(&user_id(1)).await.unwrap().is_none());
    commit(tx).await;
    assert!(reader.user(&user_id(1)).await.unwrap().is_some());
}

async fn dropping_rolls_back(world: World) {
    let mut tx = world.write(&world.home).await;
    tx.insert_user(&user(1)).await.unwrap();
    drop(tx);
    let mut tx = world.write(&world.home).await;
    assert!(tx.user(&user_id(1)).await.unwrap().is_none());
    tx.insert_user(&user(1)).await.unwrap();
    commit(tx).await;
}

/// A client that goes away drops the handler's future wherever it stands.
async fn an_abandoned_statement_rolls_back(world: World) {
    for _ in 0..20 {
        let store = world.database.store().clone();
        let tenant = world.home.clone();
        let task = tokio::spawn(async move {
            let mut tx = store.begin(&tenant, Mode::Write).await.unwrap();
            tx.insert_code(&code("c")).await.unwrap();
            loop {
                tx.login(&handle("none")).await.unwrap();
            }
        });
        tokio::task::yield_now().await;
        task.abort();
        assert!(task.await.unwrap_err().is_cancelled());
    }
    let mut tx = world.write(&world.home).await;
    tx.insert_code(&code("c")).await.unwrap();
    commit(tx).await;
}

async fn a_read_transaction_refuses_to_write(world: World) {
    let mut tx = world.read(&world.home).await;
    let outcome = tx.insert_login(&login("l")).await;
    assert!(matches!(outcome, Err(StoreError::Database(_))), "{outcome:?}");
    assert!(tx.login(&handle("l")).await.unwrap().is_none());
    commit(tx).await;
}

/// PostgreSQL insists on it; on SQLite it must not be possible to rely on more.
async fn a_failed_transaction_refuses_everything(world: World) {
    let mut tx = world.write(&world.home).await;
    tx.insert_login(&login("l")).await.unwrap();
    assert_conflict(tx.insert_login(&login("l")).await);
    assert!(matches!(tx.login(&handle("l")).await, Err(StoreError::Database(_))));
    assert!(matches!(tx.commit().await, Err(StoreError::Database(_))));
    assert!(world.read(&world.home).await.login(&handle("l")).await.unwrap().is_none());
}

async fn many_readers_and_writers_get_their_turn(world: World) {
    let mut tasks = tokio::task::JoinSet::new();
    for n in 0..100 {
        let store = world.database.store().clone();
        let tenant = world.home.clone();
        tasks.spawn(async move {
            let name = format!("code-{n}");
            let mut tx = store.begin(&tenant, Mode::Write).await.unwrap();
            tx.insert_code(&code(&name)).await.unwrap();
            commit(tx).await;
            let mut tx = store.begin(&tenant, Mode::Read).await.unwrap();
            assert!(tx.family_of_spent_code(&handle(&name)).await.unwrap().is_none());
        });
    }
    tasks.join_all().await;
}

/// Units that wait at the same time may become durable together; they must not fail together.
async fn a_unit_that_ends_badly_takes_no_other_with_it(world: World) {
    const UNITS: usize = 60;
    let first = world.write(&world.home).await;
    let mut tasks = tokio::task::JoinSet::new();
    for n in 0..UNITS {
        let store = world.database.store().clone();
        let tenant = world.home.clone();
        tasks.spawn(async move {
            let mode = if n % 2 == 0 { Mode::Write } else { Mode::Passing };
            let mut tx = store.begin(&tenant, mode).await.unwrap();
            tx.insert_code(&code(&format!("code-{n}"))).await.unwrap();
            match n % 4 {
                0 | 1 => commit(tx).await,
                2 => assert_conflict(tx.insert_code(&code(&format!("code-{n}"))).await),
                _ => drop(tx),
            }
        });
    }
    tokio::task::yield_now().await;
    drop(first);
    tasks.join_all().await;
    for n in 0..UNITS {
        let mut tx = world.write(&world.home).await;
        let kept = tx.insert_code(&code(&format!("code-{n}"))).await.is_err();
        assert_eq!(kept, n % 4 < 2, "unit {n}");
    }
}

async fn what_is_of_passing_worth_is_kept_like_the_rest(world: World) {
    let store = world.database.store();
    for (name, mode) in [("a", Mode::Passing), ("b", Mode::Write), ("c", Mode::Passing)] {
        let mut tx = store.begin(&world.home, mode).await.unwrap();
        tx.insert_code(&code(name)).await.unwrap();
        commit(tx).await;
        let mut tx = store.begin(&world.home, mode).await.unwrap();
        tx.insert_code(&code("undone")).await.unwrap();
    }
    let again = open(world.database.url()).await;
    for name in ["a", "b", "c"] {
        let mut tx = again.begin(&world.home, Mode::Write).await.unwrap();
        assert_conflict(tx.insert_code(&code(name)).await);
    }
    let mut tx = again.begin(&world.home, Mode::Write).await.unwrap();
    tx.insert_code(&code("undone")).await.unwrap();
}

async fn closing_waits_for_what_is_running(world: World) {
    let mut reader = world.read(&world.home).await;
    let mut writer = world.write(&world.home).await;
    let store = world.database.store().clone();
    let closing = tokio::spawn(async move { store.close().await });
    tokio::task::yield_now().await;
    writer.insert_code(&code("c")).await.unwrap();
    commit(writer).await;
    assert!(reader.login(&handle("l")).await.unwrap().is_none());
    assert!(!closing.is_finished());
    drop(reader);
    closing.await.unwrap();
    assert!(world.database.store().begin(&world.home, Mode::Read).await.is_err());
    assert!(world.database.store().begin(&world.home, Mode::Write).await.is_err());
    world.database.store().close().await;
}

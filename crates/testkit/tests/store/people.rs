//! People as operators see them, and what searching finds.

use housekey_core::id::UserId;
use housekey_core::port::{Found, Search};
use housekey_core::user::search::{
    Condition, Matching, NumberField, Query, Range, Sort, SortKey, terms,
};
use housekey_core::user::{Profile, User, UserRecord};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde_json::json;

use crate::samples::{LATER, NOW, SOON, connection_id, user, user_id};
use crate::world::{World, assert_same, commit};

contract! {
    logins_are_counted,
    the_blocked_are_found,
    whoever_is_deleted_leaves_nothing,
    a_search_finds_those_for_whom_it_holds,
    a_search_that_no_index_helps_is_given_up,
    rows_of_older_versions_become_findable,
}

fn all(query: Query) -> Search {
    Search { query, sort: Sort::default(), skip: 0, take: 1000, count: true }
}

fn term(path: &str, is: Matching) -> Query {
    Query::Where(Condition::Term { path: path.to_owned(), is })
}

fn exactly(path: &str, value: &str) -> Query {
    term(path, Matching::Exactly(value.to_owned()))
}

async fn found(world: &World, query: &Query) -> Vec<UserRecord> {
    let mut tx = world.read(&world.home).await;
    match tx.search_users(&all(query.clone())).await.unwrap() {
        Found::Users(listed) => {
            assert_eq!(listed.total, Some(listed.items.len() as u64));
            listed.items
        }
        Found::TooMany => panic!("there are few"),
    }
}

async fn logins_are_counted(world: World) {
    let user = world.user().await;
    let mut tx = world.write(&world.home).await;
    for at in [SOON, LATER] {
        tx.count_login(&user.id, "203.0.113.9", at).await.unwrap();
    }
    tx.set_password(&user.id, "one", 0, NOW).await.unwrap();
    tx.set_password(&user.id, "two", 0, SOON).await.unwrap();
    commit(tx).await;
    let record = world.read(&world.home).await.user_record(&user.id).await.unwrap().unwrap();
    assert_same(&record.user, &user);
    let statistics = record.statistics;
    assert_eq!((statistics.last_login, statistics.logins_count), (Some(LATER), 2));
    assert_eq!(statistics.last_ip.as_deref(), Some("203.0.113.9"));
    assert_eq!(statistics.last_password_reset, Some(SOON));
    let abroad = world.read(&world.abroad).await.user_record(&user.id).await.unwrap().unwrap();
    assert_eq!(abroad.statistics, housekey_core::user::Statistics::default());
}

async fn the_blocked_are_found(world: World) {
    let user = world.user().await;
    let blocked = exactly("blocked", "true");
    assert!(found(&world, &blocked).await.is_empty());
    let mut tx = world.write(&world.home).await;
    tx.set_blocked(&user.id, true, SOON).await.unwrap();
    commit(tx).await;
    let record = found(&world, &blocked).await.remove(0);
    assert!(record.user.blocked && record.user.updated_at == SOON);
    assert!(!world.read(&world.abroad).await.user(&user.id).await.unwrap().unwrap().blocked);
}

async fn whoever_is_deleted_leaves_nothing(world: World) {
    let user = world.user().await;
    let mut tx = world.write(&world.home).await;
    assert!(tx.delete_user(&user.id).await.unwrap());
    assert!(!tx.delete_user(&user.id).await.unwrap());
    commit(tx).await;
    assert!(found(&world, &Query::Everyone).await.is_empty());
    assert!(
        world.read(&world.home).await.users_by_email("user1@example.com").await.unwrap().is_empty()
    );
    let abroad = world.read(&world.abroad).await.users_by_email("user1@example.com").await.unwrap();
    assert_eq!(abroad.len(), 1);
}

/// What a query means, without a database.
fn holds(query: &Query, user: &User) -> bool {
    match query {
        Query::Everyone => true,
        Query::All(all) => all.iter().all(|query| holds(query, user)),
        Query::Any(all) => all.iter().any(|query| holds(query, user)),
        Query::Not(query) => !holds(query, user),
        Query::Where(Condition::Connection(name)) => name == "users",
        Query::Where(Condition::Provider(name)) => {
            user.id.as_str().split_once('|').is_some_and(|(provider, _)| provider == name)
        }
        Query::Where(Condition::Number { field: NumberField::CreatedAt, range }) => {
            range.contains(user.created_at.0)
        }
        Query::Where(Condition::Number { range, .. }) => range.contains(0),
        Query::Where(Condition::Term { path, is }) => {
            terms(user).iter().filter(|(own, _)| own == path).any(|(_, value)| match is {
                Matching::Exactly(wanted) => value == wanted,
                Matching::Prefix(prefix) => value.starts_with(prefix),
                Matching::Present => true,
            })
        }
    }
}

fn people() -> Vec<User> {
    let names = ["ada", "adam", "Ünï", "zoë", "ab%_", "AB\\"];
    let person = |n: u8| {
        let name = names[usize::from(n) % names.len()];
        let profile = Profile {
            email: (!n.is_multiple_of(5)).then(|| format!("{name}{n}@example.com")),
            email_verified: n.is_multiple_of(2),
            username: Some(format!("{name}{n}").replace(char::is_whitespace, "")),
            nickname: (n.is_multiple_of(3)).then(|| name.to_owned()),
            app_metadata: json!({ "tags": [name, n % 4], "deep": { "flag": n.is_multiple_of(2) } })
                .as_object()
                .cloned()
                .unwrap(),
            ..Profile::default()
        };
        let created_at = NOW.plus_seconds(i64::from(n));
        let own = user(n);
        let id = if n.is_multiple_of(4) {
            UserId::from_raw(own.id.as_str().replace("auth0|", "sms|"))
        } else {
            own.id.clone()
        };
        User { id, profile, blocked: n.is_multiple_of(7), created_at, ..own }
    };
    (1..40).map(person).collect()
}

fn condition() -> impl Strategy<Value = Query> {
    let pair = prop::sample::select(vec![
        ("email", "ada1@example.com"),
        ("email", "ad"),
        ("email_verified", "true"),
        ("username", "ada"),
        ("username", "AB\\"),
        ("nickname", "ab%"),
        ("nickname", "ünï"),
        ("name", "zoë"),
        ("name", "a"),
        ("blocked", "true"),
        ("user_id", "auth0|00000000000000000000001"),
        ("app_metadata.tags", "1"),
        ("app_metadata.tags", "ad"),
        ("app_metadata.deep.flag", "false"),
        ("nothing", ""),
    ]);
    let term = (pair, 0..3).prop_map(|((path, value), how)| {
        let value = value.to_owned();
        term(
            path,
            match how {
                0 => Matching::Exactly(value),
                1 => Matching::Prefix(value),
                _ => Matching::Present,
            },
        )
    });
    let number = (
        prop::sample::select(vec![NumberField::CreatedAt, NumberField::LoginsCount]),
        prop::option::of(-5_i64..45),
        prop::option::of(-5_i64..45),
    )
        .prop_map(|(field, from, to)| {
            let at = |second: i64| match field {
                NumberField::LoginsCount => second,
                _ => NOW.plus_seconds(second).0,
            };
            let range = Range { from: from.map(at), to: to.map(at) };
            Query::Where(Condition::Number { field, range })
        });
    let connection = prop::sample::select(vec!["users", "other"])
        .prop_map(|name| Query::Where(Condition::Connection(name.to_owned())));
    let provider = prop::sample::select(vec!["auth0", "auth", "sms"])
        .prop_map(|name| Query::Where(Condition::Provider(name.to_owned())));
    prop_oneof![6 => term, 2 => number, 1 => connection, 1 => provider, 1 => Just(Query::Everyone)]
}

fn query() -> impl Strategy<Value = Query> {
    condition().prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 2..4).prop_map(Query::All),
            prop::collection::vec(inner.clone(), 2..4).prop_map(Query::Any),
            inner.prop_map(|query| Query::Not(Box::new(query))),
        ]
    })
}

async fn a_search_finds_those_for_whom_it_holds(world: World) {
    let people = people();
    let mut tx = world.write(&world.home).await;
    for person in &people {
        tx.insert_user(person).await.unwrap();
    }
    commit(tx).await;
    let mut runner = TestRunner::deterministic();
    let mut found_some = 0;
    for _ in 0..400 {
        let query = query().new_tree(&mut runner).unwrap().current();
        let expected: Vec<_> =
            people.iter().filter(|user| holds(&query, user)).map(|user| &user.id).collect();
        let found = found(&world, &query).await;
        let found: Vec<_> = found.iter().map(|record| &record.user.id).collect();
        assert_eq!(found, expected, "{query:?}");
        found_some += usize::from(!expected.is_empty() && expected.len() < people.len());
    }
    assert!(found_some > 100, "most queries tell people apart: {found_some}");
}

/// More people than a search looks at.
const INSERT_MANY: &str = "WITH RECURSIVE n (i) AS
    (SELECT 100001 UNION ALL SELECT i + 1 FROM n WHERE i < 120001)
    INSERT INTO users (tenant, id, connection_id, profile, blocked, created_at, updated_at)
    SELECT 'home', 'auth0|' || i, 'con_users', '{}', 0, i, i FROM n";
const INDEX_IDS: &str = "INSERT INTO user_terms (tenant, user_id, path, value)
    SELECT tenant, id, 'user_id', id FROM users";
const INDEX_BLOCKED: &str = "INSERT INTO user_terms (tenant, user_id, path, value)
    SELECT tenant, id, 'blocked', 'false' FROM users";

async fn a_search_that_no_index_helps_is_given_up(world: World) {
    for statement in [INSERT_MANY, INDEX_IDS, INDEX_BLOCKED] {
        world.database.execute(statement).await;
    }
    let mut tx = world.read(&world.home).await;
    let broad = Query::Not(Box::new(exactly("blocked", "true")));
    assert!(matches!(tx.search_users(&all(broad)).await.unwrap(), Found::TooMany));
    let by_name = Sort { by: SortKey::Term("name"), descending: false };
    let sorted = Search { sort: by_name, ..all(Query::Everyone) };
    assert!(matches!(tx.search_users(&sorted).await.unwrap(), Found::TooMany));
    let narrow = Query::All(vec![
        exactly("blocked", "false"),
        term("user_id", Matching::Prefix("auth0|10000".to_owned())),
    ]);
    let Found::Users(listed) = tx.search_users(&all(narrow)).await.unwrap() else {
        panic!("one condition leaves few");
    };
    assert_eq!(listed.total, Some(9));
    let Found::Users(listed) = tx.search_users(&all(Query::Everyone)).await.unwrap() else {
        panic!("nothing is looked at but a page");
    };
    assert_eq!((listed.total, listed.items.len()), (Some(20_001), 1000));
}

async fn rows_of_older_versions_become_findable(world: World) {
    let user = world.user().await;
    world.database.execute("DELETE FROM user_terms").await;
    world.database.execute("UPDATE users SET is_indexed = 0").await;
    let email = exactly("email", "user1@example.com");
    assert!(found(&world, &email).await.is_empty());
    assert_eq!(world.registry().index_users(&world.home, 10).await.unwrap(), 1);
    assert_eq!(world.registry().index_users(&world.home, 10).await.unwrap(), 0);
    assert_eq!(found(&world, &email).await[0].user.id, user.id);
    assert_eq!(user.connection_id, connection_id());
    assert_eq!(user.id, user_id(1));
}

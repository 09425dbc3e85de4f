//! Background work: delivering messages, importing and exporting users, making signing keys, removing
//! what expired.

use std::sync::Arc;
use std::time::Duration;

use housekey_core::job::run_due;
use housekey_core::log::stream::deliver_streams;
use housekey_core::message::deliver_due;
use housekey_core::port::Messenger;
use housekey_core::session::end_expired;
use housekey_core::tenant::ensure_next_key;
use housekey_core::{App, Fault};
use housekey_web::manage::shown_user;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

/// How long a message may wait that another process queued or that is tried again.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// A server that has just started answers requests first.
const TIDY_FIRST: Duration = Duration::from_secs(2);
const TIDY_EVERY: Duration = Duration::from_mins(10);
/// What expired is kept for a day, for those who look into what happened.
const KEEP_SECONDS: i64 = 86_400;
/// How many users one transaction makes findable: it should not keep others waiting.
const INDEX_AT_ONCE: u32 = 100;
/// How long the memory of password hashes is kept without one.
const KEEP_MEMORY: Duration = Duration::from_secs(15);
/// How long a delivery that has begun may take to end.
const FINISH_WITHIN: Duration = Duration::from_secs(5);

/// The tasks in the background.
pub struct Worker {
    stopping: watch::Sender<bool>,
    tasks: JoinSet<()>,
}

impl Worker {
    /// Starts them.
    pub fn start(app: &Arc<App>, messenger: Arc<dyn Messenger>) -> Self {
        let (stopping, stop) = watch::channel(false);
        let mut tasks = JoinSet::new();
        tasks.spawn(deliver(app.clone(), messenger.clone(), stop.clone()));
        tasks.spawn(stream(app.clone(), messenger, stop.clone()));
        tasks.spawn(work(app.clone(), stop.clone()));
        tasks.spawn(release_memory(app.clone(), stop.clone()));
        tasks.spawn(tidy(app.clone(), stop));
        Self { stopping, tasks }
    }

    /// Lets them finish what they have begun.
    pub async fn stop(mut self) {
        self.stopping.send_replace(true);
        let finished = async { while self.tasks.join_next().await.is_some() {} };
        if timeout(FINISH_WITHIN, finished).await.is_err() {
            tracing::warn!("background work was cut short; it is taken up again after a start");
        }
    }
}

async fn deliver(app: Arc<App>, messenger: Arc<dyn Messenger>, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        match deliver_due(&app, &*messenger).await {
            Ok(0) => {}
            Ok(_) => continue,
            Err(fault) => report("delivering messages", &fault),
        }
        tokio::select! {
            () = app.outbox_nudged() => {}
            () = sleep(LOOK_EVERY) => {}
            _ = stop.changed() => {}
        }
    }
}

async fn work(app: Arc<App>, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        let flag = stop.clone();
        match run_due(&app, shown_user, &move || !*flag.borrow()).await {
            Ok(true) => continue,
            Ok(false) => {}
            Err(fault) => report("a job", &fault),
        }
        tokio::select! {
            () = app.jobs_nudged() => {}
            () = sleep(LOOK_EVERY) => {}
            _ = stop.changed() => {}
        }
    }
}

/// Carries events to where tenants want them.
async fn stream(app: Arc<App>, messenger: Arc<dyn Messenger>, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        match deliver_streams(&app, &*messenger).await {
            Ok(0) => {}
            Ok(_) => continue,
            Err(fault) => report("carrying events", &fault),
        }
        tokio::select! {
            () = sleep(LOOK_EVERY) => {}
            _ = stop.changed() => {}
        }
    }
}

async fn release_memory(app: Arc<App>, mut stop: watch::Receiver<bool>) {
    loop {
        tokio::select! {
            () = sleep(KEEP_MEMORY) => app.hasher().release_unused(),
            _ = stop.changed() => return,
        }
    }
}

async fn tidy(app: Arc<App>, mut stop: watch::Receiver<bool>) {
    let mut pause = TIDY_FIRST;
    loop {
        tokio::select! {
            () = sleep(pause) => {}
            _ = stop.changed() => return,
        }
        if let Err(fault) = make_next_keys(&app).await {
            report("making signing keys", &fault);
        }
        if let Err(fault) = end_expired_sessions(&app).await {
            report("ending sessions", &fault);
        }
        if let Err(fault) = index_users(&app).await {
            report("making users findable", &fault);
        }
        if let Err(fault) = purge(&app).await {
            report("removing what expired", &fault);
        }
        pause = TIDY_EVERY;
    }
}

/// Every tenant has its next key published long before it signs.
async fn make_next_keys(app: &App) -> Result<(), Fault> {
    for tenant in app.store().registry().tenants().await? {
        ensure_next_key(app, &tenant).await?;
    }
    Ok(())
}

/// Sessions that ended by themselves, where applications want to hear of it.
async fn end_expired_sessions(app: &App) -> Result<(), Fault> {
    while end_expired(app).await? > 0 {}
    Ok(())
}

/// After an update, whoever signed up before it is looked at once.
async fn index_users(app: &App) -> Result<(), Fault> {
    let registry = app.store().registry();
    for tenant in registry.tenants().await? {
        while registry.index_users(&tenant, INDEX_AT_ONCE).await? > 0 {}
    }
    Ok(())
}

async fn purge(app: &App) -> Result<(), Fault> {
    let before = app.clock().now().plus_seconds(-KEEP_SECONDS);
    let rows = app.store().registry().purge(before).await?;
    let events = housekey_core::log::purge(app).await?;
    tracing::debug!(rows, events, "removed what expired");
    Ok(())
}

fn report(what: &str, fault: &Fault) {
    tracing::error!(error = fault.chain(), "{what} failed; it is tried again");
}

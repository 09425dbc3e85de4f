//! The whole run: the machine's limits, then every workload that was asked for.

use anyhow::Result;

use crate::{
    cli::{Options, Part},
    limits::Limits,
    machine::Machine,
    report::Report,
    scratch::Scratch,
    server,
    workload::{Bench, list, login, memory, refresh, scale, start},
};

/// Runs it.
pub async fn run(options: &Options) -> Result<Report> {
    let program = server::find(options.server.as_deref())?;
    let machine = Machine::describe();
    if machine.is_busy() {
        eprintln!("warning: other work keeps the machine busy; the figures will be worse");
    }
    let parent = match &options.dir {
        Some(dir) => dir.clone(),
        None => std::env::current_exe()?.with_file_name(""),
    };
    let scratch = Scratch::create(&parent)?;
    let bench = Bench { options, scratch: &scratch, program };
    Ok(Report {
        version: env!("CARGO_PKG_VERSION"),
        machine,
        seconds: options.seconds,
        argon2: options.argon2,
        limits: Limits::measure(options, &scratch).await?,
        starts: wanted(options, Part::Start, start::measure(&bench)).await?.unwrap_or_default(),
        memory: wanted(options, Part::Memory, memory::measure(&bench)).await?,
        list: wanted(options, Part::List, list::measure(&bench)).await?,
        refresh: wanted(options, Part::Refresh, refresh::measure(&bench)).await?,
        login: wanted(options, Part::Login, login::measure(&bench)).await?,
        scale: match options.scale {
            Some(users) => Some(scale::measure(&bench, users).await?),
            None => None,
        },
    })
}

async fn wanted<T>(
    options: &Options,
    part: Part,
    measurement: impl Future<Output = Result<T>>,
) -> Result<Option<T>> {
    if options.wants(part) { measurement.await.map(Some) } else { Ok(None) }
}

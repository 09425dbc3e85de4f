//! Jobs: who may do a step, who takes one up, and when they go.

use housekey_core::id::JobId;
use housekey_core::job::{ExportFormat, ExportTask, Job, JobStatus, Progress, Task};
use housekey_core::time::Timestamp;

use crate::samples::{LATER, NOW, SOON};
use crate::world::{World, assert_conflict, assert_same, commit};

contract! {
    a_job_reads_back,
    a_step_is_done_by_one,
    a_step_is_done_where_the_job_stands,
    one_of_many_takes_a_job_up,
    a_file_leads_to_its_unfinished_job,
    parts_and_errors_come_in_order,
    jobs_go_with_all_they_have,
    each_tenant_has_its_own,
}

const LONG_AGO: Timestamp = Timestamp(0);

fn sample(id: &str) -> Job {
    let task = ExportTask {
        connection_id: None,
        format: ExportFormat::Csv,
        limit: Some(3),
        fields: Vec::new(),
    };
    Job::new(JobId::from_raw(id), Task::UsersExport(task), Some(9), NOW)
}

fn at(position: u64) -> Progress {
    Progress {
        total: Some(9),
        position,
        last_key: Some("auth0|1".to_owned()),
        inserted: 1,
        updated: 2,
        failed: 3,
    }
}

async fn added(world: &World, job: &Job) {
    for tenant in [&world.home, &world.abroad] {
        let mut tx = world.write(tenant).await;
        tx.insert_job(job).await.unwrap();
        commit(tx).await;
    }
}

async fn a_job_reads_back(world: World) {
    let mut job = sample("job_1");
    added(&world, &job).await;
    let mut tx = world.write(&world.home).await;
    assert_same(&tx.job(&job.id, LONG_AGO).await.unwrap(), &Some(job.clone()));
    assert!(tx.job(&job.id, NOW).await.unwrap().is_none(), "it is too old");
    assert!(tx.advance_job(&job.id, 0, &at(4), SOON, LATER).await.unwrap());
    job.progress = at(4);
    assert_same(&tx.job(&job.id, LONG_AGO).await.unwrap(), &Some(job.clone()));
    assert!(tx.end_job(&job.id, JobStatus::Failed, Some("why")).await.unwrap());
    assert!(!tx.end_job(&job.id, JobStatus::Completed, None).await.unwrap(), "it is over");
    (job.status, job.details) = (JobStatus::Failed, Some("why".to_owned()));
    assert_same(&tx.job(&job.id, LONG_AGO).await.unwrap(), &Some(job.clone()));
    assert_conflict(tx.insert_job(&job).await);
}

async fn a_step_is_done_by_one(world: World) {
    let job = sample("job_1");
    added(&world, &job).await;
    let id = job.id;
    let winners = world
        .winners(move |rival| {
            let id = id.clone();
            async move {
                let mut tx = rival.write().await;
                let won = tx.advance_job(&id, 0, &at(4), SOON, NOW).await.unwrap();
                commit(tx).await;
                won
            }
        })
        .await;
    assert_eq!(winners, 1);
}

async fn a_step_is_done_where_the_job_stands(world: World) {
    let job = sample("job_1");
    added(&world, &job).await;
    let mut tx = world.write(&world.home).await;
    assert!(!tx.advance_job(&job.id, 4, &at(8), SOON, NOW).await.unwrap());
    assert!(tx.advance_job(&job.id, 0, &at(4), SOON, NOW).await.unwrap());
    assert!(tx.advance_job(&job.id, 4, &at(8), SOON, NOW).await.unwrap());
    assert!(tx.end_job(&job.id, JobStatus::Completed, None).await.unwrap());
    assert!(!tx.advance_job(&job.id, 8, &at(9), SOON, NOW).await.unwrap(), "it is over");
}

async fn one_of_many_takes_a_job_up(world: World) {
    let mut tx = world.write(&world.home).await;
    tx.insert_job(&sample("job_1")).await.unwrap();
    let of_file = Job { content_hash: Some("a".to_owned()), ..sample("job_2") };
    tx.insert_job(&of_file).await.unwrap();
    let done = Job { status: JobStatus::Completed, ..sample("job_3") };
    tx.insert_job(&done).await.unwrap();
    commit(tx).await;
    let winners = world
        .winners(|rival| async move {
            use housekey_core::port::Store;
            let taken = rival.store.registry().claim_job(NOW, SOON).await.unwrap();
            taken.is_some_and(|(tenant, job)| {
                assert_eq!((tenant.as_str(), job.id.as_str()), ("home", "job_1"));
                true
            })
        })
        .await;
    assert_eq!(winners, 1);
    assert!(world.registry().claim_job(SOON, LATER).await.unwrap().is_some(), "the lease is over");
}

async fn a_file_leads_to_its_unfinished_job(world: World) {
    let job = Job { content_hash: Some("a".to_owned()), ..sample("job_1") };
    added(&world, &job).await;
    let mut tx = world.write(&world.home).await;
    assert!(tx.job_of_content("b").await.unwrap().is_none());
    assert_same(&tx.job_of_content("a").await.unwrap(), &Some(job.clone()));
    tx.end_job(&job.id, JobStatus::Completed, None).await.unwrap();
    assert!(tx.job_of_content("a").await.unwrap().is_none());
}

async fn parts_and_errors_come_in_order(world: World) {
    let job = sample("job_1");
    added(&world, &job).await;
    let mut tx = world.write(&world.home).await;
    for number in [200, 0] {
        tx.insert_job_part(&job.id, number, &[1, 2]).await.unwrap();
        tx.insert_job_error(&job.id, number, "{}").await.unwrap();
    }
    assert_eq!(tx.job_part(&job.id, 0).await.unwrap(), Some((0, vec![1, 2])));
    assert_eq!(tx.job_part(&job.id, 1).await.unwrap(), Some((200, vec![1, 2])));
    assert_eq!(tx.job_part(&job.id, 201).await.unwrap(), None);
    let positions = |errors: Vec<(u64, String)>| errors.into_iter().map(|(at, _)| at);
    assert!(positions(tx.job_errors(&job.id, None, 9).await.unwrap()).eq([0, 200]));
    assert!(positions(tx.job_errors(&job.id, None, 1).await.unwrap()).eq([0]));
    assert!(positions(tx.job_errors(&job.id, Some(0), 9).await.unwrap()).eq([200]));
    tx.delete_job_parts(&job.id).await.unwrap();
    assert_eq!(tx.job_part(&job.id, 0).await.unwrap(), None);
}

/// A server's a day after they were asked for; a file's a day after their last step.
async fn jobs_go_with_all_they_have(world: World) {
    let mut tx = world.write(&world.home).await;
    let of_file = Job { content_hash: Some("a".to_owned()), ..sample("job_2") };
    for job in [sample("job_1"), of_file.clone()] {
        tx.insert_job(&job).await.unwrap();
        tx.insert_job_part(&job.id, 0, &[1]).await.unwrap();
        tx.insert_job_error(&job.id, 0, "{}").await.unwrap();
        assert!(tx.advance_job(&job.id, 0, &at(4), SOON, LATER).await.unwrap());
    }
    commit(tx).await;
    assert_eq!(world.registry().purge(NOW).await.unwrap(), 0);
    assert_eq!(world.registry().purge(LATER).await.unwrap(), 1);
    let mut tx = world.write(&world.home).await;
    assert_eq!(tx.job_part(&JobId::from_raw("job_1"), 0).await.unwrap(), None);
    assert!(tx.job_part(&of_file.id, 0).await.unwrap().is_some());
}

async fn each_tenant_has_its_own(world: World) {
    let user = world.user().await;
    let job = sample("job_1");
    let mut tx = world.write(&world.home).await;
    tx.insert_job(&job).await.unwrap();
    tx.insert_job_part(&job.id, 0, &[1]).await.unwrap();
    tx.insert_job_error(&job.id, 0, "{}").await.unwrap();
    assert_eq!(tx.count_users(None).await.unwrap(), 1);
    let listed = tx.users_behind(Some(&user.connection_id), "", 9).await.unwrap();
    assert_eq!(listed.len(), 1);
    assert!(tx.users_behind(None, user.id.as_str(), 9).await.unwrap().is_empty());
    commit(tx).await;
    let mut tx = world.write(&world.abroad).await;
    assert!(tx.job(&job.id, LONG_AGO).await.unwrap().is_none());
    assert!(!tx.advance_job(&job.id, 0, &at(4), SOON, NOW).await.unwrap());
    assert!(!tx.end_job(&job.id, JobStatus::Failed, None).await.unwrap());
    assert_eq!(tx.job_part(&job.id, 0).await.unwrap(), None);
    assert!(tx.job_errors(&job.id, None, 9).await.unwrap().is_empty());
}

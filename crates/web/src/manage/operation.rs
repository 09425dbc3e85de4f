//! Operations as a table: how a request names one, who may, what it takes and answers. Serving and
//! describing ([`super::describe`]) both read it.

use std::pin::Pin;

use housekey_core::manage::ManageError;

use super::shape::{Field, Mode, Shape};
use super::{
    Ask, Reply, absent, attack_protection, branding, client_grants, clients, connections,
    custom_domains, email, grants, guardian, jobs, keys, log_streams, logs, organizations, prompts,
    refresh_tokens, resource_servers, roles, segments, sessions, tenant_settings, tickets,
    user_belongings, user_blocks, user_identities, user_methods, user_roles, users,
};

pub(super) type Running<'a> = Pin<Box<dyn Future<Output = Result<Reply, ManageError>> + Send + 'a>>;
pub(super) type Run = for<'a> fn(Ask<'a>) -> Running<'a>;

/// An operation of the Management API.
pub struct Operation {
    /// Its method.
    pub method: &'static str,
    /// Its path below `/api/v2/`, with names in braces where ids stand.
    pub path: &'static str,
    /// Scopes of which a token needs one.
    pub scopes: &'static [&'static str],
    /// Scopes of which it needs all besides.
    pub also: &'static [&'static str],
    pub(super) summary: &'static str,
    pub(super) query: &'static [Parameter],
    pub(super) takes: Takes,
    pub(super) answers: Answers,
    /// Whether it makes links, which lead to the domain its sender picks.
    pub(super) picks_domain: bool,
    pub(super) run: Run,
}

/// A query parameter: its name and the form of its value.
pub(super) type Parameter = (&'static str, Shape);

/// What an operation takes in its body.
#[derive(Clone, Copy)]
pub(super) enum Takes {
    Nothing,
    Fields(&'static [Field], Mode),
    Value(&'static Shape),
    /// A form with these members and a file.
    Upload(&'static [Field]),
}

/// What an operation answers when all went well.
#[derive(Clone, Copy)]
pub(super) enum Answers {
    Nothing(u16),
    Value(u16, &'static Shape),
    /// A value, or only 204 if there is none.
    Perhaps(&'static Shape),
    /// One of the three forms of a list; the key under which it stands in two of them.
    Page(&'static str, &'static Shape),
}

/// An operation without body and answer yet.
const fn operation(
    method: &'static str,
    path: &'static str,
    scopes: &'static [&'static str],
    summary: &'static str,
    run: Run,
) -> Operation {
    Operation {
        method,
        path,
        scopes,
        also: &[],
        summary,
        query: &[],
        takes: Takes::Nothing,
        answers: Answers::Nothing(204),
        picks_domain: false,
        run,
    }
}

macro_rules! by_method {
    ($($name:ident $method:literal),*) => {$(
        #[doc = concat!("A `", $method, "` that takes and answers nothing unless told so below.")]
        pub(super) const fn $name(
            path: &'static str,
            scopes: &'static [&'static str],
            summary: &'static str,
            run: Run,
        ) -> Operation {
            operation($method, path, scopes, summary, run)
        }
    )*};
}

by_method!(get "GET", post "POST", patch "PATCH", put "PUT", delete "DELETE");

impl Operation {
    /// Needs all of these scopes besides.
    pub(super) const fn also(self, also: &'static [&'static str]) -> Self {
        Self { also, ..self }
    }

    /// Takes an object with the members of something new.
    pub(super) const fn creates(self, fields: &'static [Field]) -> Self {
        Self { takes: Takes::Fields(fields, Mode::Create), ..self }
    }

    /// Takes an object with members to change.
    pub(super) const fn changes(self, fields: &'static [Field]) -> Self {
        Self { takes: Takes::Fields(fields, Mode::Change), ..self }
    }

    /// Takes another body.
    pub(super) const fn takes(self, shape: &'static Shape) -> Self {
        Self { takes: Takes::Value(shape), ..self }
    }

    /// Reads these parameters of the query, besides those of lists.
    pub(super) const fn query(self, query: &'static [Parameter]) -> Self {
        Self { query, ..self }
    }

    /// Takes a form with these members and the file of [`super::upload::FILE`].
    pub(super) const fn uploads(self, fields: &'static [Field]) -> Self {
        Self { takes: Takes::Upload(fields), ..self }
    }

    /// Makes links that lead to the domain of `Auth0-Custom-Domain`, or to the default one.
    pub(super) const fn picks_domain(self) -> Self {
        Self { picks_domain: true, ..self }
    }

    /// Answers a value, or that there is none.
    pub(super) const fn may_answer(self, shape: &'static Shape) -> Self {
        Self { answers: Answers::Perhaps(shape), ..self }
    }

    /// Answers a value.
    pub(super) const fn answers(self, status: u16, shape: &'static Shape) -> Self {
        Self { answers: Answers::Value(status, shape), ..self }
    }

    /// Answers only a status.
    pub(super) const fn answers_nothing(self, status: u16) -> Self {
        Self { answers: Answers::Nothing(status), ..self }
    }

    /// The status of the answer if all goes well.
    pub(super) const fn status(&self) -> u16 {
        match self.answers {
            Answers::Nothing(status) | Answers::Value(status, _) => status,
            Answers::Page(..) | Answers::Perhaps(_) => 200,
        }
    }

    /// Answers a list in the form the query asks for.
    pub(super) const fn pages(self, key: &'static str, of: &'static Shape) -> Self {
        Self { answers: Answers::Page(key, of), ..self }
    }
}

/// Every operation.
pub fn operations() -> impl Iterator<Item = &'static Operation> {
    let resources: [&'static [Operation]; _] = [
        absent::OPERATIONS,
        resource_servers::OPERATIONS,
        client_grants::OPERATIONS,
        logs::OPERATIONS,
        tenant_settings::OPERATIONS,
        guardian::FACTORS,
        guardian::PHONE,
        guardian::PUSH,
        guardian::SETTINGS,
        guardian::ENROLLMENTS,
        attack_protection::OPERATIONS,
        attack_protection::KEPT,
        branding::OPERATIONS,
        branding::DOCUMENTS,
        branding::PHONES,
        branding::PHONE_TEMPLATES,
        email::OPERATIONS,
        prompts::OPERATIONS,
        keys::OPERATIONS,
        log_streams::OPERATIONS,
        clients::OPERATIONS,
        clients::CREDENTIALS_OPERATIONS,
        connections::OPERATIONS,
        connections::CLIENTS_OPERATIONS,
        organizations::OPERATIONS,
        organizations::PARTS,
        custom_domains::OPERATIONS,
        users::OPERATIONS,
        roles::OPERATIONS,
        user_identities::OPERATIONS,
        user_methods::OPERATIONS,
        user_roles::OPERATIONS,
        sessions::OPERATIONS,
        refresh_tokens::OPERATIONS,
        grants::OPERATIONS,
        user_blocks::OPERATIONS,
        user_belongings::OPERATIONS,
        tickets::OPERATIONS,
        jobs::OPERATIONS,
    ];
    resources.into_iter().flatten()
}

/// The operation of a request and the decoded ids in its path. A path in plain words goes before one
/// with an id in the same place.
pub(super) fn find(method: &str, url: &str) -> Option<(&'static Operation, Vec<String>)> {
    let segments = segments(url)?;
    operations()
        .filter(|operation| operation.method == method)
        .filter_map(|operation| Some((operation, ids(operation.path, &segments)?)))
        .min_by_key(|(_, ids)| ids.len())
}

/// The ids in `segments` if `path` fits them.
fn ids(path: &str, segments: &[String]) -> Option<Vec<String>> {
    let patterns: Vec<_> = path.split('/').collect();
    if patterns.len() != segments.len() {
        return None;
    }
    let mut ids = Vec::new();
    for (pattern, segment) in patterns.into_iter().zip(segments) {
        if pattern.starts_with('{') && !segment.is_empty() {
            ids.push(segment.clone());
        } else if pattern != segment {
            return None;
        }
    }
    Some(ids)
}

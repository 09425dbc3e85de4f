//! From a query to statements.
//!
//! A statement has two parts. The *driver* reads one index for candidates: of conditions that must
//! all hold, the one that is likely to leave the fewest. The *predicate* is the whole query, asked
//! about each candidate by way of the user's own rows. The number of candidates is limited, so a
//! search takes a limited time however many users there are.

use housekey_core::user::search::{Condition, Matching, NumberField, Query, Range, Sort, SortKey};

use crate::statement::Value;

/// How many candidates are looked at.
pub(crate) const MAX_CANDIDATES: i64 = 20_000;

/// A query with the arguments of its statements, from `$2`.
pub(crate) struct Compiled {
    /// `FROM`; the user is `u`.
    pub(crate) matching: String,
    /// What must hold for a candidate.
    pub(crate) predicate: String,
    /// Further tables that the order needs, and `ORDER BY`.
    pub(crate) order: (String, String),
    pub(crate) arguments: Vec<Value>,
    /// Whether an index gives the users in order without looking at others.
    pub(crate) is_plain: bool,
}

/// Compiles a query and its order.
pub(crate) fn compile(query: &Query, sort: Sort) -> Compiled {
    let mut compiler = Compiler { arguments: Vec::new() };
    let is_plain = *query == Query::Everyone && matches!(sort.by, SortKey::Number(_));
    let driver = compiler.driver(query).map_or_else(
        || "SELECT id AS user_id FROM users WHERE tenant = $1".to_owned(),
        |(_, sql)| sql,
    );
    let candidates =
        format!("(SELECT user_id FROM ({driver}) AS driver LIMIT {})", MAX_CANDIDATES + 1);
    let predicate = compiler.predicate(query);
    let order = compiler.order(sort);
    let matching = if is_plain {
        "FROM users u".to_owned()
    } else {
        format!("FROM {candidates} AS c JOIN users u ON u.tenant = $1 AND u.id = c.user_id")
    };
    Compiled { matching, predicate, order, arguments: compiler.arguments, is_plain }
}

struct Compiler {
    arguments: Vec<Value>,
}

/// How many users a condition may leave: the lower, the fewer.
type Rank = u8;

impl Compiler {
    /// Adds an argument; what it is called.
    fn argument(&mut self, value: impl Into<Value>) -> String {
        self.arguments.push(value.into());
        // `$1` is the tenant.
        format!("${}", self.arguments.len() + 1)
    }

    /// A select of `user_id` that finds everybody whom the query finds, and perhaps others.
    fn driver(&mut self, query: &Query) -> Option<(Rank, String)> {
        match query {
            Query::Everyone | Query::Not(_) => None,
            Query::Where(condition) => self.candidates_of(condition),
            Query::All(all) => {
                let best = all.iter().filter_map(|query| Some((rank(query)?, query)));
                let (_, best) = best.min_by_key(|(rank, _)| *rank)?;
                self.driver(best)
            }
            Query::Any(all) => {
                let rank = rank(query)?;
                let each: Vec<_> =
                    all.iter().filter_map(|query| Some(self.driver(query)?.1)).collect();
                Some((rank, each.join(" UNION ")))
            }
        }
    }

    fn candidates_of(&mut self, condition: &Condition) -> Option<(Rank, String)> {
        let rank = rank_of(condition)?;
        let sql = match condition {
            Condition::Term { path, is } => {
                let of_value = self.value("value", is);
                let path = self.argument(path.as_str());
                format!(
                    "SELECT DISTINCT user_id FROM user_terms \
                     WHERE tenant = $1 AND path = {path}{of_value}"
                )
            }
            Condition::Connection(name) => {
                let name = self.argument(name.as_str());
                format!(
                    "SELECT id AS user_id FROM users WHERE tenant = $1 AND connection_id = \
                     (SELECT id FROM connections WHERE tenant = $1 AND name = {name})"
                )
            }
            Condition::Number { field, range } => {
                let within = self.within("", *field, *range);
                format!("SELECT id AS user_id FROM users WHERE tenant = $1{within}")
            }
            Condition::Provider(_) => return None,
        };
        Some((rank, sql))
    }

    /// What holds for the user `u` if and only if the query finds them.
    fn predicate(&mut self, query: &Query) -> String {
        match query {
            Query::Everyone => "1 = 1".to_owned(),
            Query::Where(condition) => self.holds(condition),
            Query::All(all) => self.joined(all, " AND "),
            Query::Any(all) => self.joined(all, " OR "),
            Query::Not(query) => format!("NOT ({})", self.predicate(query)),
        }
    }

    fn joined(&mut self, all: &[Query], word: &str) -> String {
        let each: Vec<_> = all.iter().map(|query| self.predicate(query)).collect();
        format!("({})", each.join(word))
    }

    fn holds(&mut self, condition: &Condition) -> String {
        match condition {
            Condition::Term { path, is } => {
                let of_value = self.value("t.value", is);
                let path = self.argument(path.as_str());
                format!(
                    "EXISTS (SELECT 1 FROM user_terms t WHERE t.tenant = $1 \
                     AND t.user_id = u.id AND t.path = {path}{of_value})"
                )
            }
            Condition::Provider(name) => {
                // No range of ids: how texts are ordered is the database's affair.
                let (length, name) = (name.chars().count() + 1, format!("{name}|"));
                let name = self.argument(name.as_str());
                format!("substr(u.id, 1, {length}) = {name}")
            }
            Condition::Connection(name) => {
                let name = self.argument(name.as_str());
                format!(
                    "EXISTS (SELECT 1 FROM connections n WHERE n.tenant = $1 \
                     AND n.id = u.connection_id AND n.name = {name})"
                )
            }
            Condition::Number { field, range } => {
                format!("(1 = 1{})", self.within("u.", *field, *range))
            }
        }
    }

    fn value(&mut self, column: &str, is: &Matching) -> String {
        match is {
            Matching::Present => String::new(),
            Matching::Exactly(value) => {
                format!(" AND {column} = {}", self.argument(value.as_str()))
            }
            Matching::Prefix(prefix) => {
                let from = self.argument(prefix.as_str());
                // No text has a greater character in that place.
                let to = self.argument(format!("{prefix}\u{10FFFF}"));
                format!(" AND {column} >= {from} AND {column} < {to}")
            }
        }
    }

    fn within(&mut self, table: &str, field: NumberField, range: Range) -> String {
        let column = column(field);
        let from =
            range.from.map(|from| format!(" AND {table}{column} >= {}", self.argument(from)));
        let to = range.to.map(|to| format!(" AND {table}{column} < {}", self.argument(to)));
        from.into_iter().chain(to).collect()
    }

    fn order(&mut self, sort: Sort) -> (String, String) {
        let direction = if sort.descending { "DESC" } else { "ASC" };
        match sort.by {
            SortKey::Number(field) => {
                let column = column(field);
                (String::new(), format!("ORDER BY u.{column} {direction}, u.id {direction}"))
            }
            SortKey::Term(path) => {
                let path = self.argument(path);
                let join = format!(
                    " LEFT JOIN user_terms s ON s.tenant = $1 AND s.user_id = u.id \
                     AND s.path = {path}"
                );
                let order = format!(
                    "ORDER BY CASE WHEN s.value IS NULL THEN 1 ELSE 0 END, s.value {direction}, u.id"
                );
                (join, order)
            }
        }
    }
}

fn column(field: NumberField) -> &'static str {
    match field {
        NumberField::CreatedAt => "created_at",
        NumberField::LastLogin => "last_login",
        NumberField::LoginsCount => "logins_count",
        NumberField::UpdatedAt => "updated_at",
    }
}

fn rank(query: &Query) -> Option<Rank> {
    match query {
        Query::Everyone | Query::Not(_) => None,
        Query::Where(condition) => rank_of(condition),
        Query::All(all) => all.iter().filter_map(rank).min(),
        Query::Any(all) => all.iter().map(rank).try_fold(0, |most, rank| Some(most.max(rank?))),
    }
}

fn rank_of(condition: &Condition) -> Option<Rank> {
    Some(match condition {
        Condition::Term { path, is: Matching::Exactly(value) } => match path.as_str() {
            "user_id" | "email" | "username" | "phone_number" => 0,
            "blocked" | "email_verified" | "phone_verified" if value == "false" => 9,
            "email_verified" | "phone_verified" => 8,
            "blocked" => 4,
            _ => 1,
        },
        Condition::Term { is: Matching::Prefix(_), .. } => 2,
        Condition::Number { range: Range { from: Some(_), to: Some(_) }, .. } => 5,
        Condition::Provider(_)
        | Condition::Number { range: Range { from: None, to: None }, .. } => return None,
        Condition::Number { .. } => 6,
        Condition::Term { is: Matching::Present, .. } | Condition::Connection(_) => 7,
    })
}

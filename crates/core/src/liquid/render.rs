//! Printing a template, step by counted step.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::expression::{Comparison, Condition, Expression, Operand, Segment, Source};
use super::filter::{self, Piped};
use super::parse::{Branch, Loop, Node, When};
use super::value::{
    compare, contains, element, equal, integer, is_blank, is_empty, is_true, member, text,
};
use super::{Budget, Escaping, TooMuch};

pub(super) fn render(
    nodes: &[Node],
    variables: &Value,
    escaping: Escaping,
    now: i64,
    budget: Budget,
) -> Result<String, TooMuch> {
    let mut run = Run {
        variables,
        own: Map::new(),
        counters: BTreeMap::new(),
        cycles: BTreeMap::new(),
        escaping,
        now,
        budget,
        out: String::new(),
    };
    run.all(nodes)?;
    Ok(run.out)
}

struct Run<'a> {
    variables: &'a Value,
    /// What the template assigned.
    own: Map<String, Value>,
    counters: BTreeMap<&'a str, i64>,
    cycles: BTreeMap<&'a str, usize>,
    escaping: Escaping,
    now: i64,
    budget: Budget,
    out: String,
}

/// How a list of nodes ended.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Flow {
    On,
    Break,
    Continue,
}

impl<'a> Run<'a> {
    fn spend(&mut self, steps: usize) -> Result<(), TooMuch> {
        self.budget.steps = self.budget.steps.checked_sub(steps).ok_or(TooMuch)?;
        Ok(())
    }

    /// Values are copied: large ones cost more.
    fn spend_on(&mut self, value: &Value) -> Result<(), TooMuch> {
        self.spend(1 + size(value) / 100)
    }

    fn print(&mut self, text: &str) -> Result<(), TooMuch> {
        self.spend(text.len() / 100)?;
        if self.out.len() + text.len() > self.budget.bytes {
            return Err(TooMuch);
        }
        self.out.push_str(text);
        Ok(())
    }

    fn all(&mut self, nodes: &'a [Node]) -> Result<Flow, TooMuch> {
        for node in nodes {
            let flow = self.node(node)?;
            if flow != Flow::On {
                return Ok(flow);
            }
        }
        Ok(Flow::On)
    }

    fn node(&mut self, node: &'a Node) -> Result<Flow, TooMuch> {
        self.spend(1)?;
        match node {
            Node::Text(text) => self.print(text)?,
            Node::Output(expression) => {
                let printed = self.expression(expression)?;
                self.print_value(&printed)?;
            }
            Node::Assign(name, expression) => {
                let value = self.expression(expression)?.value;
                self.own.insert(name.clone(), value);
            }
            Node::Capture(name, body) => return self.capture(name, body),
            Node::If(branches) => return self.branch(branches),
            Node::Case(subject, whens, otherwise) => return self.case(subject, whens, otherwise),
            Node::For(own) => self.repeat(own)?,
            Node::Cycle(group, values) => {
                let at = self.cycles.entry(group).or_insert(0);
                let value = &values[*at % values.len()];
                *at += 1;
                let value = self.operand(value)?;
                self.print_value(&Piped::new(value))?;
            }
            Node::Count(name, step) => {
                let counter = self.counters.entry(name).or_insert(0);
                let shown = if *step < 0 { *counter - 1 } else { *counter };
                *counter += step;
                self.print(&shown.to_string())?;
            }
            Node::Break => return Ok(Flow::Break),
            Node::Continue => return Ok(Flow::Continue),
            Node::Debug => self.debug()?,
            Node::Host(name) => self.print(&text(&member(self.variables, name)))?,
        }
        Ok(Flow::On)
    }

    fn print_value(&mut self, printed: &Piped) -> Result<(), TooMuch> {
        let text = text(&printed.value);
        if self.escaping == Escaping::Html && !printed.is_safe {
            self.print(&filter::escape(&text))
        } else {
            self.print(&text)
        }
    }

    fn capture(&mut self, name: &str, body: &'a [Node]) -> Result<Flow, TooMuch> {
        let before = std::mem::take(&mut self.out);
        let flow = self.all(body);
        let captured = std::mem::replace(&mut self.out, before);
        self.own.insert(name.to_owned(), captured.into());
        flow
    }

    fn branch(&mut self, branches: &'a [Branch]) -> Result<Flow, TooMuch> {
        for branch in branches {
            let holds = match &branch.condition {
                Some(condition) => self.condition(condition)? != branch.negated,
                None => true,
            };
            if holds {
                return self.all(&branch.body);
            }
        }
        Ok(Flow::On)
    }

    fn case(
        &mut self,
        subject: &Operand,
        whens: &'a [When],
        otherwise: &'a [Node],
    ) -> Result<Flow, TooMuch> {
        let value = self.operand(subject)?;
        for when in whens {
            for own in &when.values {
                if self.is_equal(&value, own)? {
                    return self.all(&when.body);
                }
            }
        }
        self.all(otherwise)
    }

    fn condition(&mut self, condition: &Condition) -> Result<bool, TooMuch> {
        self.spend(1)?;
        Ok(match condition {
            Condition::True(operand) => is_true(&self.operand(operand)?),
            Condition::And(left, right) => self.condition(left)? && self.condition(right)?,
            Condition::Or(left, right) => self.condition(left)? || self.condition(right)?,
            Condition::Compare(left, comparison, right) => {
                let left = self.operand(left)?;
                match comparison {
                    Comparison::Equal => self.is_equal(&left, right)?,
                    Comparison::Unequal => !self.is_equal(&left, right)?,
                    Comparison::Contains => contains(&left, &self.operand(right)?),
                    other => {
                        let order = compare(&left, &self.operand(right)?);
                        order.is_some_and(|order| match other {
                            Comparison::Less => order.is_lt(),
                            Comparison::AtMost => order.is_le(),
                            Comparison::More => order.is_gt(),
                            _ => order.is_ge(),
                        })
                    }
                }
            }
        })
    }

    fn is_equal(&mut self, value: &Value, operand: &Operand) -> Result<bool, TooMuch> {
        Ok(match operand {
            Operand::Empty => is_empty(value),
            Operand::Blank => is_blank(value),
            other => equal(value, &self.operand(other)?),
        })
    }

    fn operand(&mut self, operand: &Operand) -> Result<Value, TooMuch> {
        let (name, segments) = match operand {
            Operand::Literal(value) => {
                self.spend_on(value)?;
                return Ok(value.clone());
            }
            Operand::Empty | Operand::Blank => return Ok(Value::from("")),
            Operand::Path(name, segments) => (name, segments),
        };
        let mut value = match self.own.get(name) {
            Some(own) => own.clone(),
            None => self.variables.get(name).cloned().unwrap_or_default(),
        };
        self.spend_on(&value)?;
        for segment in segments {
            value = match segment {
                Segment::Key(key) => member(&value, key),
                Segment::Index(index) => {
                    let index = self.operand(index)?;
                    element(&value, &index)
                }
            };
            self.spend(1)?;
        }
        Ok(value)
    }

    fn expression(&mut self, expression: &Expression) -> Result<Piped, TooMuch> {
        let mut piped = Piped::new(self.operand(&expression.operand)?);
        for (name, arguments) in &expression.filters {
            let mut values = Vec::with_capacity(arguments.len());
            for argument in arguments {
                values.push(self.operand(argument)?);
            }
            let limit = self.budget.bytes;
            piped = filter::apply(name, &piped, &values, limit, self.now).ok_or(TooMuch)?;
            self.spend_on(&piped.value)?;
        }
        Ok(piped)
    }

    /// The items to go through, no more than there are steps left.
    fn items(&mut self, own: &Loop) -> Result<Vec<Value>, TooMuch> {
        let mut items: Vec<Value> = match &own.source {
            Source::Range(from, to) => {
                let (from, to) = (integer(&self.operand(from)?), integer(&self.operand(to)?));
                let count = to.saturating_sub(from).saturating_add(1).max(0);
                self.spend(usize::try_from(count).unwrap_or(usize::MAX))?;
                (from..=to).map(Value::from).collect()
            }
            Source::List(list) => match self.operand(list)? {
                Value::Array(list) => list,
                Value::Object(map) => {
                    map.into_iter().map(|(key, value)| json!([key, value])).collect()
                }
                Value::String(own) if !own.is_empty() => vec![own.into()],
                _ => Vec::new(),
            },
        };
        if let Some(offset) = &own.offset {
            let offset = usize::try_from(integer(&self.operand(offset)?)).unwrap_or(0);
            items.drain(..offset.min(items.len()));
        }
        if let Some(limit) = &own.limit {
            items.truncate(usize::try_from(integer(&self.operand(limit)?)).unwrap_or(0));
        }
        if own.reversed {
            items.reverse();
        }
        Ok(items)
    }

    fn repeat(&mut self, own: &'a Loop) -> Result<(), TooMuch> {
        let items = self.items(own)?;
        if items.is_empty() {
            return self.all(&own.otherwise).map(drop);
        }
        let is_table = own.is_table;
        let name = if is_table { "tablerowloop" } else { "forloop" };
        let columns = match &own.columns {
            Some(columns) => usize::try_from(integer(&self.operand(columns)?)).unwrap_or(1).max(1),
            None => items.len(),
        };
        let outer = [self.own.remove(&own.variable), self.own.remove(name)];
        let count = items.len();
        for (at, item) in items.into_iter().enumerate() {
            self.spend_on(&item)?;
            self.own.insert(own.variable.clone(), item);
            self.own.insert(name.to_owned(), position(at, count, columns));
            if is_table {
                self.open_cell(at, columns)?;
            }
            let flow = self.all(&own.body)?;
            if is_table {
                let ends_row =
                    (at + 1).is_multiple_of(columns) || at + 1 == count || flow == Flow::Break;
                self.print(if ends_row { "</td></tr>\n" } else { "</td>" })?;
            }
            if flow == Flow::Break {
                break;
            }
        }
        for (name, before) in [own.variable.as_str(), name].into_iter().zip(outer) {
            match before {
                Some(value) => self.own.insert(name.to_owned(), value),
                None => self.own.remove(name),
            };
        }
        Ok(())
    }

    fn open_cell(&mut self, at: usize, columns: usize) -> Result<(), TooMuch> {
        if at.is_multiple_of(columns) {
            self.print(&format!("<tr class=\"row{}\">", at / columns + 1))?;
        }
        self.print(&format!("<td class=\"col{}\">", at % columns + 1))
    }

    /// The names and values there are, for whoever writes a template.
    fn debug(&mut self) -> Result<(), TooMuch> {
        let mut all = self.variables.clone();
        if let Value::Object(all) = &mut all {
            all.extend(self.own.clone());
            // What the host prints is no variable.
            all.retain(|name, _| !name.contains(':'));
        }
        self.spend_on(&all)?;
        let shown = serde_json::to_string_pretty(&all).unwrap_or_default();
        match self.escaping {
            Escaping::Html => self.print(&format!("<pre>{}</pre>", filter::escape(&shown))),
            Escaping::None => self.print(&shown),
        }
    }
}

fn position(at: usize, count: usize, columns: usize) -> Value {
    json!({
        "index": at + 1, "index0": at, "rindex": count - at, "rindex0": count - at - 1,
        "first": at == 0, "last": at + 1 == count, "length": count,
        "col": at % columns + 1, "col0": at % columns, "row": at / columns + 1,
        "col_first": at.is_multiple_of(columns), "col_last": (at + 1).is_multiple_of(columns),
    })
}

/// How many bytes a value has, roughly.
fn size(value: &Value) -> usize {
    match value {
        Value::String(own) => own.len(),
        Value::Array(list) => list.iter().map(|own| 8 + size(own)).sum(),
        Value::Object(map) => map.iter().map(|(key, own)| 8 + key.len() + size(own)).sum(),
        _ => 8,
    }
}

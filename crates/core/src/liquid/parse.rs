//! The blocks of a template.

use super::SyntaxError;
use super::expression::{Condition, Expression, Operand, Reader, Source};
use super::split::{Kind, Piece, split};

/// Blocks within blocks at most: rendering goes as deep.
const MAX_DEPTH: usize = 30;

/// What a template is made of.
#[derive(Clone, Debug)]
pub(super) enum Node {
    Text(String),
    Output(Expression),
    Assign(String, Expression),
    Capture(String, Vec<Node>),
    If(Vec<Branch>),
    Case(Operand, Vec<When>, Vec<Node>),
    For(Box<Loop>),
    Cycle(String, Vec<Operand>),
    /// Prints a counter of its own and changes it by this.
    Count(String, i64),
    Break,
    Continue,
    Debug,
    /// A tag of the host.
    Host(String),
}

/// What is printed under a condition; under none it is the rest.
#[derive(Clone, Debug)]
pub(super) struct Branch {
    pub(super) condition: Option<Condition>,
    pub(super) negated: bool,
    pub(super) body: Vec<Node>,
}

#[derive(Clone, Debug)]
pub(super) struct When {
    pub(super) values: Vec<Operand>,
    pub(super) body: Vec<Node>,
}

#[derive(Clone, Debug)]
pub(super) struct Loop {
    pub(super) variable: String,
    pub(super) source: Source,
    pub(super) limit: Option<Operand>,
    pub(super) offset: Option<Operand>,
    pub(super) reversed: bool,
    /// Whether it makes the rows of a table.
    pub(super) is_table: bool,
    /// Cells in a row.
    pub(super) columns: Option<Operand>,
    pub(super) body: Vec<Node>,
    pub(super) otherwise: Vec<Node>,
}

struct Parser<'a> {
    pieces: std::vec::IntoIter<Piece<'a>>,
    tags: &'a [&'a str],
    depth: usize,
}

/// The tag at which a list of nodes ended.
struct End<'a> {
    name: &'a str,
    rest: &'a str,
    line: usize,
}

pub(super) fn template(source: &str, tags: &[&str]) -> Result<Vec<Node>, SyntaxError> {
    let mut parser = Parser { pieces: split(source)?.into_iter(), tags, depth: 0 };
    let (nodes, end) = parser.until(&[])?;
    match end {
        None => Ok(nodes),
        Some(end) => Err(wrong(end.line, format!("{} ends nothing", end.name))),
    }
}

fn wrong(line: usize, what: impl Into<String>) -> SyntaxError {
    SyntaxError { line, what: what.into() }
}

/// The name of a tag and what follows.
fn name_and_rest(text: &str) -> (&str, &str) {
    let end =
        text.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':')).unwrap_or(text.len());
    (&text[..end], text[end..].trim())
}

impl<'a> Parser<'a> {
    /// Nodes up to one of these tags, or up to the end.
    fn until(&mut self, ends: &[&str]) -> Result<(Vec<Node>, Option<End<'a>>), SyntaxError> {
        let mut nodes = Vec::new();
        while let Some(Piece { kind, text, line }) = self.pieces.next() {
            let at = |what: String| wrong(line, what);
            match kind {
                Kind::Text => nodes.push(Node::Text(text.to_owned())),
                Kind::Output => {
                    nodes.push(Node::Output(Reader::new(text).expression().map_err(at)?));
                }
                Kind::Tag => {
                    let (name, rest) = name_and_rest(text);
                    let is_end =
                        name.starts_with("end") || matches!(name, "else" | "elsif" | "when");
                    if ends.contains(&name) || is_end {
                        return Ok((nodes, Some(End { name, rest, line })));
                    }
                    if !text.starts_with('#') {
                        nodes.push(self.tag(name, rest, line)?);
                    }
                }
            }
        }
        Ok((nodes, None))
    }

    fn tag(&mut self, name: &str, rest: &str, line: usize) -> Result<Node, SyntaxError> {
        let at = |what: String| wrong(line, what);
        let mut reader = Reader::new(rest);
        match name {
            "assign" => {
                let variable = reader.required_name().map_err(at)?.to_owned();
                reader.expect("=").map_err(at)?;
                Ok(Node::Assign(variable, reader.expression().map_err(at)?))
            }
            "capture" => {
                let variable = reader.required_name().map_err(at)?.to_owned();
                Ok(Node::Capture(variable, self.body("endcapture", line)?))
            }
            "increment" | "decrement" => {
                let step = if name == "increment" { 1 } else { -1 };
                Ok(Node::Count(reader.required_name().map_err(at)?.to_owned(), step))
            }
            "if" | "unless" => self.branches(name, &mut reader, line),
            "case" => self.case(&mut reader, line),
            "for" | "tablerow" => self.repeat(name == "tablerow", &mut reader, line),
            "cycle" => cycle(rest).map_err(at),
            "break" => Ok(Node::Break),
            "continue" => Ok(Node::Continue),
            "debug" => Ok(Node::Debug),
            name if self.tags.contains(&name) => Ok(Node::Host(name.to_owned())),
            "include" | "layout" => {
                Err(at(format!("{name} is not possible: there are no other files")))
            }
            "" => Err(at("a tag has no name".to_owned())),
            name => Err(at(format!("there is no tag {name}"))),
        }
    }

    /// Goes one block deeper for as long as `inside` takes.
    fn deeper<T>(
        &mut self,
        line: usize,
        inside: impl FnOnce(&mut Self) -> Result<T, SyntaxError>,
    ) -> Result<T, SyntaxError> {
        if self.depth >= MAX_DEPTH {
            return Err(wrong(line, "blocks are nested too deeply"));
        }
        self.depth += 1;
        let made = inside(self);
        self.depth -= 1;
        made
    }

    /// Nodes up to one of these tags, which has to come.
    fn block(&mut self, ends: &[&str], line: usize) -> Result<(Vec<Node>, End<'a>), SyntaxError> {
        let last = ends.last().copied().unwrap_or_default();
        let (nodes, end) = self.deeper(line, |own| own.until(ends))?;
        let end = end.ok_or_else(|| wrong(line, format!("{last} is missing")))?;
        if ends.contains(&end.name) {
            Ok((nodes, end))
        } else {
            Err(wrong(end.line, format!("{} comes before {last}", end.name)))
        }
    }

    fn body(&mut self, end: &str, line: usize) -> Result<Vec<Node>, SyntaxError> {
        Ok(self.block(&[end], line)?.0)
    }

    fn branches(
        &mut self,
        name: &str,
        reader: &mut Reader<'_>,
        line: usize,
    ) -> Result<Node, SyntaxError> {
        let last = format!("end{name}");
        let mut condition = Some(reader.condition().map_err(|what| wrong(line, what))?);
        let mut negated = name == "unless";
        let mut branches = Vec::new();
        loop {
            let is_rest = condition.is_none();
            let (body, end) = self.block(&["elsif", "else", &last], line)?;
            branches.push(Branch { condition: condition.take(), negated, body });
            negated = false;
            match end.name {
                name if name == last => return Ok(Node::If(branches)),
                _ if is_rest => {
                    return Err(wrong(end.line, format!("{} comes after else", end.name)));
                }
                "elsif" => {
                    let read = Reader::new(end.rest).condition();
                    condition = Some(read.map_err(|what| wrong(end.line, what))?);
                }
                _ => {}
            }
        }
    }

    fn case(&mut self, reader: &mut Reader<'_>, line: usize) -> Result<Node, SyntaxError> {
        let subject = reader.operand().and_then(|own| reader.end().map(|()| own));
        let subject = subject.map_err(|what| wrong(line, what))?;
        let ends = ["when", "else", "endcase"];
        let (mut whens, mut otherwise) = (Vec::new(), Vec::new());
        // What stands before the first `when` is never printed.
        let (_, mut end) = self.block(&ends, line)?;
        while end.name != "endcase" {
            let (body, next) = self.block(&ends, line)?;
            if end.name == "else" {
                otherwise = body;
            } else {
                let values = values(end.rest).map_err(|what| wrong(end.line, what))?;
                whens.push(When { values, body });
            }
            end = next;
        }
        Ok(Node::Case(subject, whens, otherwise))
    }

    fn repeat(
        &mut self,
        is_table: bool,
        reader: &mut Reader<'_>,
        line: usize,
    ) -> Result<Node, SyntaxError> {
        let mut own = head(is_table, reader).map_err(|what| wrong(line, what))?;
        let last = if is_table { "endtablerow" } else { "endfor" };
        let (body, end) = self.block(&["else", last], line)?;
        own.body = body;
        if end.name == "else" {
            own.otherwise = self.body(last, line)?;
        }
        Ok(Node::For(Box::new(own)))
    }
}

/// `item in list limit: 2 offset: 1 reversed`
fn head(is_table: bool, reader: &mut Reader<'_>) -> Result<Loop, String> {
    let variable = reader.required_name()?.to_owned();
    if !reader.take_word("in") {
        return Err("in is missing".to_owned());
    }
    let source = reader.source()?;
    let mut own = Loop {
        variable,
        source,
        limit: None,
        offset: None,
        reversed: false,
        is_table,
        columns: None,
        body: Vec::new(),
        otherwise: Vec::new(),
    };
    while !reader.is_at_end() {
        let name = reader.required_name()?;
        if name == "reversed" {
            own.reversed = true;
            continue;
        }
        reader.expect(":")?;
        let value = Some(reader.operand()?);
        match name {
            "limit" => own.limit = value,
            "offset" => own.offset = value,
            "cols" if is_table => own.columns = value,
            name => return Err(format!("{name} is unexpected")),
        }
        let _ = reader.take(",");
    }
    Ok(own)
}

/// `1, 2 or 3`
fn values(text: &str) -> Result<Vec<Operand>, String> {
    let mut reader = Reader::new(text);
    let mut values = vec![reader.operand()?];
    while reader.take(",") || reader.take_word("or") {
        values.push(reader.operand()?);
    }
    reader.end()?;
    Ok(values)
}

/// `"a", "b"`, or with the group's name and a colon before.
fn cycle(text: &str) -> Result<Node, String> {
    let mut reader = Reader::new(text);
    let first = reader.operand()?;
    if reader.take(":") {
        let Operand::Literal(group) = first else { return Err("a group is a text".to_owned()) };
        let mut values = vec![reader.operand()?];
        while reader.take(",") {
            values.push(reader.operand()?);
        }
        reader.end()?;
        return Ok(Node::Cycle(super::value::text(&group), values));
    }
    let mut values = vec![first];
    while reader.take(",") {
        values.push(reader.operand()?);
    }
    reader.end()?;
    Ok(Node::Cycle(text.to_owned(), values))
}

//! The first look at a template: text, outputs and tags, and the white space that `-` takes away.

use super::SyntaxError;

/// A piece of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Piece<'a> {
    pub(super) kind: Kind,
    /// What stands there: the text, or what is between the braces.
    pub(super) text: &'a str,
    pub(super) line: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Output,
    Tag,
}

/// Splits a template. What is inside `raw` is text, what is inside `comment` is nothing.
pub(super) fn split(source: &str) -> Result<Vec<Piece<'_>>, SyntaxError> {
    let mut pieces = Vec::new();
    let (mut rest, mut line) = (source, 1);
    let mut strips = false;
    while !rest.is_empty() {
        let Some((at, kind)) = opening(rest) else {
            push_text(&mut pieces, rest, (strips, false), line);
            break;
        };
        let (before, inside) = (&rest[..at], &rest[at + 2..]);
        let closing = if kind == Kind::Output { "}}" } else { "%}" };
        let text_line = line;
        line += lines(before);
        let end = end_of(inside, closing)
            .ok_or_else(|| SyntaxError { line, what: format!("{closing} is missing") })?;
        let (inner, strips_before, strips_after) = without_dashes(&inside[..end]);
        push_text(&mut pieces, before, (strips, strips_before), text_line);
        let own_line = line;
        line += lines(&inside[..end]);
        (rest, strips) = (&inside[end + 2..], strips_after);
        if kind == Kind::Tag && matches!(inner, "raw" | "comment") {
            let (body, after, dash) = block(rest, inner).ok_or_else(|| SyntaxError {
                line: own_line,
                what: format!("{inner} is not ended"),
            })?;
            if inner == "raw" {
                push_text(&mut pieces, body, (strips, false), line);
            }
            line += lines(&rest[..rest.len() - after.len()]);
            (rest, strips) = (after, dash);
        } else {
            pieces.push(Piece { kind, text: inner, line: own_line });
        }
    }
    Ok(pieces)
}

fn opening(text: &str) -> Option<(usize, Kind)> {
    let output = text.find("{{").map(|at| (at, Kind::Output));
    let tag = text.find("{%").map(|at| (at, Kind::Tag));
    [output, tag].into_iter().flatten().min_by_key(|(at, _)| *at)
}

/// Where `closing` stands outside quotes.
fn end_of(text: &str, closing: &str) -> Option<usize> {
    let mut quote = None;
    for (at, char) in text.char_indices() {
        match quote {
            Some(own) if own == char => quote = None,
            None if char == '"' || char == '\'' => quote = Some(char),
            None if text[at..].starts_with(closing) => return Some(at),
            _ => {}
        }
    }
    // A lone apostrophe, in a comment's words say, is no quote.
    text.find(closing)
}

fn without_dashes(inside: &str) -> (&str, bool, bool) {
    let after_first = inside.strip_prefix('-');
    let inner = after_first.unwrap_or(inside);
    let before_last = inner.strip_suffix('-');
    (before_last.unwrap_or(inner).trim(), after_first.is_some(), before_last.is_some())
}

/// What is between here and the tag that ends `name`, what is behind it, and whether that strips.
fn block<'a>(text: &'a str, name: &str) -> Option<(&'a str, &'a str, bool)> {
    let mut from = 0;
    loop {
        let start = from + text[from..].find("{%")?;
        let end = start + text[start..].find("%}")?;
        let (inner, strips_before, strips_after) = without_dashes(&text[start + 2..end]);
        if inner.strip_prefix("end") == Some(name) {
            let body = &text[..start];
            let body = if strips_before { body.trim_end() } else { body };
            return Some((body, &text[end + 2..], strips_after));
        }
        from = start + 2;
    }
}

fn push_text<'a>(pieces: &mut Vec<Piece<'a>>, text: &'a str, strips: (bool, bool), line: usize) {
    let text = if strips.0 { text.trim_start() } else { text };
    let text = if strips.1 { text.trim_end() } else { text };
    if !text.is_empty() {
        pieces.push(Piece { kind: Kind::Text, text, line });
    }
}

fn lines(text: &str) -> usize {
    text.bytes().filter(|byte| *byte == b'\n').count()
}

//! The plain half of a mail whose HTML an operator wrote (RFC 2046 §5.1.4).

/// Elements whose content nobody reads.
const UNREAD: [&str; 4] = ["head", "script", "style", "title"];
/// Elements that begin a line of their own.
const BLOCKS: [&str; 18] = [
    "p",
    "div",
    "table",
    "tr",
    "ul",
    "ol",
    "li",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "section",
    "header",
    "footer",
    "blockquote",
    "center",
];

/// What HTML says, without markup: paragraphs, lines, and links with where they lead.
pub(super) fn plain_text(html: &str) -> String {
    let mut text = Writer::default();
    let mut rest = html;
    let mut link: Option<String> = None;
    while let Some(at) = rest.find('<') {
        text.say(&rest[..at]);
        rest = &rest[at..];
        if let Some(comment) = rest.strip_prefix("<!--") {
            rest = comment.split_once("-->").map_or("", |(_, after)| after);
            continue;
        }
        let Some(end) = rest.find('>') else { break };
        let tag = &rest[1..end];
        rest = &rest[end + 1..];
        let is_end = tag.starts_with('/');
        let name = tag.trim_start_matches('/').split(|c: char| !c.is_ascii_alphanumeric()).next();
        let name = name.unwrap_or_default().to_ascii_lowercase();
        match name.as_str() {
            "br" => text.new_line(1),
            "td" | "th" if is_end => text.say(" "),
            "a" if !is_end => link = attribute(tag, "href"),
            "a" => text.say_link(link.take()),
            "img" => text.say(&attribute(tag, "alt").unwrap_or_default()),
            name if !is_end && UNREAD.contains(&name) => rest = behind(rest, name),
            name if BLOCKS.contains(&name) => {
                text.new_line(if name == "li" || name == "tr" { 1 } else { 2 });
            }
            _ => {}
        }
    }
    text.say(rest);
    text.out.trim_end().to_owned()
}

/// What follows the end of the element `name`.
fn behind<'a>(text: &'a str, name: &str) -> &'a str {
    let is_end = |at: &usize| {
        text.get(at + 2..at + 2 + name.len()).is_some_and(|own| own.eq_ignore_ascii_case(name))
    };
    let end = text.match_indices("</").map(|(at, _)| at).find(is_end);
    end.and_then(|at| text[at..].split_once('>')).map_or("", |(_, after)| after)
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let at = tag.to_ascii_lowercase().find(&format!("{name}="))? + name.len() + 1;
    let value = &tag[at..];
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''));
    let value = match quote {
        Some(quote) => value[1..].split(quote).next()?,
        None => value.split(char::is_whitespace).next()?,
    };
    Some(unescape(value))
}

#[derive(Default)]
struct Writer {
    out: String,
    /// Where the text of the link that is open may begin.
    from: usize,
}

impl Writer {
    fn say(&mut self, html: &str) {
        for char in unescape(html).chars() {
            if !char.is_whitespace() {
                self.out.push(char);
            } else if !self.out.is_empty() && !self.out.ends_with([' ', '\n']) {
                self.out.push(' ');
            }
        }
    }

    /// Where a link leads, unless its text says so.
    fn say_link(&mut self, link: Option<String>) {
        let Some(link) = link.filter(|link| !link.starts_with('#')) else { return };
        if !self.out[self.from..].trim_end().ends_with(link.trim_start_matches("mailto:")) {
            self.say(&format!(" ({link})"));
        }
        self.from = self.out.len();
    }

    /// Ends the line, with so many line breaks in all.
    fn new_line(&mut self, count: usize) {
        let end = self.out.trim_end_matches(' ').len();
        self.out.truncate(end);
        if self.out.is_empty() {
            return;
        }
        let there = self.out.len() - self.out.trim_end_matches('\n').len();
        self.out.push_str(&"\n".repeat(count.saturating_sub(there)));
        self.from = self.from.min(self.out.len());
    }
}

fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let end = rest.char_indices().take(12).find(|(_, c)| *c == ';').map(|(end, _)| end);
        let Some((end, char)) = end.and_then(|end| Some((end, entity(&rest[1..end])?))) else {
            out.push('&');
            rest = &rest[1..];
            continue;
        };
        out.push(char);
        rest = &rest[end + 1..];
    }
    out + rest
}

fn entity(name: &str) -> Option<char> {
    if let Some(number) = name.strip_prefix('#') {
        let hexadecimal = number.strip_prefix(['x', 'X']);
        let code = match hexadecimal {
            Some(digits) => u32::from_str_radix(digits, 16),
            None => number.parse(),
        };
        return code.ok().and_then(char::from_u32).filter(|c| !c.is_control());
    }
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => ' ',
        "copy" => '©',
        "ndash" => '–',
        "mdash" => '—',
        "hellip" => '…',
        "rsquo" => '’',
        "auml" => 'ä',
        "ouml" => 'ö',
        "uuml" => 'ü',
        "szlig" => 'ß',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_what_the_html_says() {
        let html = "<!doctype html><html><head><title>T</title><style>p{}</style></head><body>
            <h1>Hi&nbsp;Ada&#39;s &lt;friend&gt;</h1><!-- <p>no</p> --><p>Click
            <a href='https://a.example/?x=1&amp;y=2'>here</a> or<br>there.</p>
            <ul><li>one</li><li>two</li></ul>
            <a href=\"https://b.example/\">https://b.example/</a> <img alt=\"Logo\" src=x> & so & on</body>";
        assert_eq!(
            plain_text(html),
            "Hi Ada's <friend>\n\nClick here (https://a.example/?x=1&y=2) or\nthere.\n\none\ntwo\n\n\
             https://b.example/ Logo & so & on"
        );
    }

    proptest::proptest! {
        #[test]
        fn nothing_makes_it_panic(html in "[<>a/&;#x!é=\"' -]{0,60}") {
            let _ = plain_text(&html);
        }
    }
}

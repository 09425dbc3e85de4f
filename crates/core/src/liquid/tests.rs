use serde_json::json;

use super::*;

fn printed(source: &str) -> String {
    let variables = json!({
        "user": { "name": "Ada <b>", "email": "ada@example.com", "user_metadata": { "lang": "it" } },
        "url": "https://acme.example/?a=1&b=2", "code": "123456", "list": [3, 1, 2], "zero": 0,
        "people": [{ "name": "b" }, { "name": "a" }], "empty_text": "", "host:tag": "<i>",
    });
    let template = Template::parse_with(source, &["host:tag"]);
    let template = template.unwrap_or_else(|error| panic!("{source}: {error}"));
    template.render(&variables, Escaping::Html, 1_700_000_000).expect("prints")
}

fn refused(source: &str) -> String {
    Template::parse(source).map(|_| ()).expect_err(source).to_string()
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table of the language")]
fn prints_what_the_language_says() {
    for (source, expected) in [
        ("Hi {{ user.email }}!", "Hi ada@example.com!"),
        ("[{{ nobody.knows[3].this | upcase }}]", "[]"),
        ("{{ user.name }} {{ user.name | escape }}", "Ada &lt;b&gt; Ada &lt;b&gt;"),
        ("{{ url }}", "https://acme.example/?a=1&amp;b=2"),
        ("{{ '<' | escape_once }}{{ '&lt;' | escape_once }}", "&lt;&lt;"),
        ("{{ 'a<\nb' | newline_to_br }}", "a&lt;<br />\nb"),
        ("a {{- ' b ' -}} c", "a b c"),
        ("{% if user.user_metadata.lang == 'it' %}Ciao{% else %}Hi{% endif %}", "Ciao"),
        ("{% unless list contains 4 %}no{% endunless %}", "no"),
        ("{% if zero %}0{% endif %}{% if nothing %}x{% elsif code %}y{% endif %}", "0y"),
        ("{% if empty_text == empty and nothing == blank or false %}e{% endif %}", "e"),
        ("{% case code %}{% when '1', '123456' %}a{% when 2 %}b{% else %}c{% endcase %}", "a"),
        ("{% case 9 %}{% when 1 %}a{% else %}c{% endcase %}", "c"),
        (
            "{% for n in list %}{{ forloop.index }}{{ n }}{% unless forloop.last %},{% endunless %}{% endfor %}",
            "13,21,32",
        ),
        ("{% for n in (1..5) reversed limit: 2 offset:1 %}{{ n }}{% endfor %}", "32"),
        (
            "{% for n in (1..9) %}{% if n == 2 %}{% continue %}{% endif %}{% if n > 3 %}{% break %}{% endif %}{{ n }}{% endfor %}",
            "13",
        ),
        ("{% for n in nobody %}x{% else %}none{% endfor %}", "none"),
        (
            "{% tablerow n in list cols:2 %}{{ n }}{% endtablerow %}",
            "<tr class=\"row1\"><td class=\"col1\">3</td><td class=\"col2\">1</td></tr>\n<tr class=\"row2\"><td class=\"col1\">2</td></tr>\n",
        ),
        ("{% for n in (1..3) %}{% cycle 'a', 'b' %}{% endfor %}", "aba"),
        ("{% increment x %}{% increment x %}{% decrement y %}", "01-1"),
        ("{% assign x = code | slice: 0, 2 | append: '!' %}{{ x }}", "12!"),
        ("{% capture x %}a{{ code }}{% endcapture %}{{ x | size }}", "7"),
        (
            "{% raw %}{{ code }}{% endraw %}{% comment %}it's {{ {% endcomment %}{% # so %}",
            "{{ code }}",
        ),
        ("{{ people | map: 'name' | sort | join: '-' }} {{ list | sort | first }}", "a-b 1"),
        (
            "{{ 7 | divided_by: 2 }} {{ 7 | divided_by: 2.0 }} {{ 7 | modulo: 0 }} {{ 1 | plus: '2' }}",
            "3.5 3.5  3",
        ),
        ("{{ 9223372036854775807 | plus: 1 | times: 10 | floor | at_most: 5 }}", "5"),
        (
            "{{ 'a,b' | split: ',' | last }} {{ 'hello world' | truncate: 8 }} {{ 'ada' | capitalize }}",
            "b hello... Ada",
        ),
        (
            "{{ nothing | default: 'x' }} {{ 'a b' | url_encode }} {{ '<p>x</p>' | strip_html }}",
            "x a+b x",
        ),
        (
            "{{ 0 | date: '%Y-%m-%d %-H' }} {{ 'now' | date: '%b' }} {{ '2026-03-04' | date: '%e.%-m.%y' }}",
            "1970-01-01 0 Nov  4.3.26",
        ),
        ("{{ user['email'] }} {{ list[-1] }} {{ list.size }}", "ada@example.com 2 3"),
        ("{% host:tag %}", "<i>"),
    ] {
        assert_eq!(printed(source), expected, "{source}");
    }
    assert!(printed("{% debug %}").contains("ada@example.com"));
    assert!(!printed("{% debug %}").contains("host:tag"));
}

#[test]
fn what_does_not_parse_is_refused_with_its_line() {
    for source in [
        "{{ code",
        "{% if code %}",
        "{% endif %}",
        "{% nonsense %}",
        "{{ code | nonsense }}",
        "{{ }}",
        "{{ 'x }}",
        "{{ a b }}",
        "{% assign x %}",
        "{% for x %}{% endfor %}",
        "{% else %}",
        "{% if a %}{% else %}{% elsif b %}{% endif %}",
        "{% include 'x' %}",
        "{% raw %}",
        "{% %}",
        "{% for a in (1..) %}{% endfor %}",
        "{% case %}{% endcase %}",
        "{% host:tag %}",
        "{% if a == %}{% endif %}",
        "{% if a %}{% endfor %}",
    ] {
        assert!(refused(source).starts_with("line 1: "), "{source}");
    }
    assert_eq!(refused("a\nb\n{% nonsense %}"), "line 3: there is no tag nonsense");
    assert!(refused(&"{% if a %}".repeat(500)).contains("too deeply"));
    assert!(
        refused(&format!("{{% if {} a %}}{{% endif %}}", "a or ".repeat(500))).contains("too many")
    );
    assert!(refused(&format!("{{{{ a{} }}}}", "[a".repeat(500))).contains("too deeply"));
}

#[test]
fn no_template_takes_for_ever() {
    let variables = json!({ "text": "x".repeat(1000) });
    for source in [
        "{% for a in (1..1000) %}{% for b in (1..1000) %}{% endfor %}{% endfor %}",
        "{% for a in (1..9223372036854775807) %}{% endfor %}",
        "{% for a in (1..40) %}{% assign text = text | append: text %}{% endfor %}",
        "{% for a in (1..40) %}{% assign text = text | replace: 'x', text %}{% endfor %}",
        "{% for a in (1..9000) %}{{ text }}{% endfor %}",
        "{% assign l = 'a,b' | split: ',' %}{% for a in (1..60) %}{% assign l = l | concat: l %}{% endfor %}",
        "{% for a in (1..9000) %}{% capture c %}{{ c }}{{ text }}{% endcapture %}{% endfor %}",
    ] {
        let template = Template::parse(source).expect(source);
        assert_eq!(template.render(&variables, Escaping::None, 0), Err(TooMuch), "{source}");
    }
}

proptest::proptest! {
    #[test]
    fn nothing_makes_it_panic(source in "([{}%|'\"\\[\\].:,=<>() a-c0-9\u{e9}-]|\\{\\{|\\}\\}|\\{% ?|%\\}|if |for |in |end|case |when |assign |date|(1..3)|raw|else| slice: -?[0-9]){0,60}") {
        if let Ok(template) = Template::parse(&source) {
            let _ = template.render(&json!({ "a": [1, "é"], "b": { "c": "x" } }), Escaping::Html, 0);
        }
    }
}

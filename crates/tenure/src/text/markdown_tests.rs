use super::*;

fn nobody(_: PersonId) -> Option<Mention> {
    None
}

fn html(source: &str) -> String {
    render(source, &nobody)
}

fn person(number: u128) -> PersonId {
    PersonId::from_uuid(uuid::Uuid::from_u128(number))
}

/// Every tag of an answer, with its attributes.
fn tags(html: &str) -> Vec<String> {
    html.split('<').skip(1).map(|piece| piece.split('>').next().unwrap_or_default().to_owned()).collect()
}

#[test]
fn what_people_write_is_drawn() {
    assert_eq!(html("**bold** and `code`"), "<p><strong>bold</strong> and <code>code</code></p>\n");
    assert_eq!(html("one\ntwo"), "<p>one<br />\ntwo</p>\n");
    assert_eq!(html("# Title"), "<h3>Title</h3>\n");
    assert_eq!(html("```sh\na < b\n```"), "<pre><code>a &lt; b\n</code></pre>");
    assert!(html("- one\n- two").starts_with("<ul>\n<li>one</li>"));
    assert!(html("| a | b |\n|---|---|\n| 1 | 2 |").contains("<td>1</td>"));
}

#[test]
fn links_lead_where_links_may_lead() {
    let outside =
        "<p><a href=\"https://example.org/?a=1&amp;b=2\" rel=\"nofollow noopener noreferrer\">x</a></p>\n";
    assert_eq!(html("[x](https://example.org/?a=1&b=2)"), outside);
    assert_eq!(html("[x](/tickets/12)"), "<p><a href=\"/tickets/12\">x</a></p>\n");
    for to in [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "java&#x73;cript:alert(1)",
        "&#106;avascript:alert(1)",
        "<java\tscript:alert(1)>",
        "vbscript:x",
        "data:text/html;base64,PHNjcmlwdD4=",
        "file:///etc/passwd",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "evil.example",
    ] {
        let html = html(&format!("[x]({to})"));
        assert!(!html.contains("<a"), "{to}: {html}");
    }
    assert_eq!(
        html("![alt](https://example.org/x.png)"),
        html("[alt](https://example.org/x.png)"),
        "no picture"
    );
    assert!(!html("![alt](javascript:alert(1))").contains('('));
}

#[test]
fn an_address_without_marks_becomes_a_link() {
    let html = html("See https://example.org/a_b?c=d&e, or (http://example.org).");
    assert!(html.contains("<a href=\"https://example.org/a_b?c=d&amp;e\" rel="), "{html}");
    assert!(html.contains(">http://example.org</a>)."), "{html}");
    assert!(!self::html("xhttps://example.org").contains("<a"));
    assert!(!self::html("`https://example.org`").contains("<a"));
    let nested = self::html("[a https://example.org b](https://example.com)");
    assert_eq!(nested.matches("<a ").count(), 1, "{nested}");
}

#[test]
fn nothing_typed_becomes_a_tag_or_an_attribute() {
    let tries = [
        "<script>alert(1)</script>",
        "<SCRIPT SRC=//evil.example/x.js></SCRIPT>",
        "<img src=x onerror=alert(1)>",
        "<svg/onload=alert(1)>",
        "<a href=\"javascript:alert(1)\">x</a>",
        "a <b onmouseover=alert(1)>b</b> c",
        "<!-- --!><img src=x onerror=alert(1)>-->",
        "<![CDATA[<script>alert(1)</script>]]>",
        "<?php echo 1 ?>",
        "<math><mtext></p><style><img src=x onerror=alert(1)>",
        "<div>\n\n**x**\n\n<script>alert(1)</script></div>",
        "[x](https://example.org/\"onmouseover=\"alert(1))",
        "[x](https://example.org 'title\" onmouseover=alert(1)')",
        "[x](https://example.org/<script>)",
        "https://example.org/\"onmouseover=alert(1)",
        "https://example.org/'><script>alert(1)</script>",
        "```\"><script>alert(1)</script>\nx\n```",
        "# x {onclick=alert(1) #id .class}",
        "| <script> | b |\n|---|---|\n| <img src=x onerror=alert(1)> | 2 |",
        "- [x] <script>alert(1)</script>",
        "[x]: javascript:alert(1)\n\n[x]",
        "<https://example.org/\"onmouseover=alert(1)>",
        "<javascript:alert(1)>",
        "![<img src=x onerror=alert(1)>](https://example.org)",
        "\0<script\0>alert(1)</script>",
        "&lt;script&gt;alert(1)&lt;/script&gt;",
        "~~<style>*{display:none}</style>~~",
        "[^1]\n\n[^1]: <script>alert(1)</script>",
    ];
    for source in tries {
        let html = html(source);
        for tag in tags(&html) {
            let name: String =
                tag.trim_start_matches('/').chars().take_while(char::is_ascii_alphanumeric).collect();
            let known = [
                "p",
                "br",
                "strong",
                "em",
                "del",
                "code",
                "pre",
                "a",
                "ul",
                "ol",
                "li",
                "blockquote",
                "table",
                "thead",
                "tbody",
                "tr",
                "th",
                "td",
                "h3",
                "h4",
                "h5",
                "h6",
                "hr",
                "input",
            ];
            assert!(known.contains(&name.as_str()), "{source}: <{tag}> in {html}");
            if let Some(link) = tag.strip_prefix("a ") {
                let quoted: Vec<_> = link.split('"').collect();
                assert!(
                    quoted.len() == 5 && quoted[0] == "href=" && quoted[2] == " rel=",
                    "{source}: <{tag}>"
                );
            } else {
                assert!(!tag.contains("on") || !tag.contains('='), "{source}: <{tag}>");
            }
        }
    }
}

#[test]
fn a_mention_shows_a_name_that_is_not_in_the_text() {
    let who = |id: PersonId| {
        let ada = Mention {
            name: "Ada <b>\"Lovelace\"".into(),
            deactivated: true,
            href: Some("/users/1?a=1&b=\"".into()),
        };
        (id == person(7)).then_some(ada)
    };
    let source = format!("Ask {} or {}.", token(person(7)), token(person(8)));
    let html = render(&source, &who);
    assert!(html.contains(">@Ada &lt;b&gt;&quot;Lovelace&quot;<span"), "{html}");
    assert!(html.contains("href=\"/users/1?a=1&amp;b=&quot;\"") && html.contains("(Deactivated)"), "{html}");
    assert!(html.contains("@Deleted person"), "{html}");
    assert_eq!(plain(&source, &who), "Ask @Ada <b>\"Lovelace\" or @Deleted person.");
    assert_eq!(tokens(&source), [person(7), person(8)]);
    assert_eq!(tokens("@[x] @[] @["), Vec::<PersonId>::new());
    let code = render(&format!("`{}`", token(person(7))), &who);
    assert!(!code.contains("Lovelace"), "code is shown as it is: {code}");
    let defined = render(&format!("{}\n\n[{}]: https://evil.example", token(person(7)), person(7)), &who);
    assert!(!defined.contains("<script"), "{defined}");
}

#[test]
fn plain_text_is_what_one_reads() {
    assert_eq!(plain("# A\n\n**b** [c](https://example.org)\n\n- d\n- e", &nobody), "A\nb c\nd\ne");
    assert_eq!(plain("", &nobody), "");
}

#[test]
fn whatever_lies_deep_is_drawn_in_bounds() {
    for source in [
        ">".repeat(20_000),
        "* ".repeat(20_000),
        "[".repeat(20_000),
        "*a _".repeat(10_000),
        "`".repeat(20_000),
    ] {
        let html = html(&source);
        assert!(html.matches("<blockquote>").count() <= DEEPEST, "{}", html.len());
        assert!(html.matches("<ul>").count() <= DEEPEST);
    }
}

#[test]
fn a_mention_that_is_not_closed_is_text() {
    let id = person(7);
    for text in
        [format!("@[{id}"), format!("hello @[{id}\n"), format!("@[{id}\n]"), format!("[x](/y) @[{id} ]")]
    {
        assert!(!html(&text).contains("mention"), "{text}");
        assert_eq!(tokens(&text), [], "{text}");
        assert!(plain(&text, &nobody).contains("@["), "{text}");
    }
    let long = "x".repeat(200);
    assert_eq!(tokens(&format!("@[{long}] @[{id}")), []);
    assert_eq!(tokens(&format!("@[@[{id}] @[{}]", id.uuid().simple())), [id]);
}

#[test]
fn marks_lie_in_each_other_as_deep_as_lists_may() {
    for (open, close) in [("*a **b ", " b** a*"), ("**a ", " a**"), ("*", "*")] {
        let shown = html(&format!("{}x{}", open.repeat(500), close.repeat(500)));
        let (mut depth, mut deepest) = (0_i32, 0);
        for tag in tags(&shown) {
            if tag != "br /" {
                depth += if tag.starts_with('/') { -1 } else { 1 };
            }
            deepest = deepest.max(depth);
        }
        assert_eq!(depth, 0, "{shown}");
        assert!(deepest > 10 && deepest <= 21, "{deepest} in each other: {open}");
        assert!(shown.contains('x'));
    }
}

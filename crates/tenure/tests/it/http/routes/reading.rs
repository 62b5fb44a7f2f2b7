//! What a browser would make of a page: its elements, and those of them that could run something.

/// An element as it begins.
#[derive(Debug)]
pub(super) struct Element {
    name: String,
    attributes: Vec<(String, String)>,
    /// What follows it up to its end, for those whose content is no markup.
    raw: String,
}

/// The elements of a page, read as a browser reads them (HTML, section 13.2.5, as far as our pages go).
pub(super) fn elements(html: &str) -> Vec<Element> {
    let (mut found, mut rest) = (Vec::new(), html);
    while let Some(at) = rest.find('<') {
        rest = &rest[at + 1..];
        if let Some(comment) = rest.strip_prefix("!--") {
            // A comment may end where it begins.
            let end = comment.find("-->").map_or(comment.len(), |end| end + 3);
            rest = comment.strip_prefix('>').unwrap_or(&comment[end..]);
        } else if rest.starts_with(|c: char| c.is_ascii_alphabetic()) {
            let (mut element, after) = element(rest);
            rest = after;
            if matches!(element.name.as_str(), "script" | "style" | "textarea" | "title") {
                let end = rest.to_lowercase().find(&format!("</{}", element.name)).unwrap_or(rest.len());
                rest[..end].clone_into(&mut element.raw);
                rest = &rest[end..];
            }
            found.push(element);
        }
    }
    found
}

fn element(text: &str) -> (Element, &str) {
    let end = text.find(|c: char| c.is_whitespace() || c == '/' || c == '>').unwrap_or(text.len());
    let (name, mut rest) = text.split_at(end);
    let mut attributes = Vec::new();
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '/');
        if rest.is_empty() || rest.starts_with('>') {
            let rest = rest.strip_prefix('>').unwrap_or(rest);
            let name = name.to_lowercase();
            return (Element { name, attributes, raw: String::new() }, rest);
        }
        let from = rest.chars().next().map_or(0, char::len_utf8);
        let end = rest[from..].find(|c: char| c.is_whitespace() || "/>=".contains(c));
        let end = end.map_or(rest.len(), |end| end + from);
        let attribute = rest[..end].to_lowercase();
        rest = rest[end..].trim_start();
        let mut value = "";
        if let Some(after) = rest.strip_prefix('=') {
            let after = after.trim_start();
            (value, rest) = match after.chars().next() {
                Some(quote @ ('"' | '\'')) => after[1..].split_once(quote).unwrap_or((&after[1..], "")),
                _ => {
                    after.split_at(after.find(|c: char| c.is_whitespace() || c == '>').unwrap_or(after.len()))
                }
            };
        }
        attributes.push((attribute, decoded(value)));
    }
}

/// A value with its character references resolved, as far as they matter for an address.
fn decoded(value: &str) -> String {
    let (mut text, mut rest) = (String::new(), value);
    while let Some(at) = rest.find('&') {
        text.push_str(&rest[..at]);
        rest = &rest[at..];
        let (reference, after) = rest.split_once(';').unwrap_or((rest, ""));
        let number = reference.strip_prefix("&#").and_then(|digits| match digits.strip_prefix(['x', 'X']) {
            Some(digits) => u32::from_str_radix(digits, 16).ok(),
            None => digits.parse().ok(),
        });
        let named = [
            ("&amp", '&'),
            ("&lt", '<'),
            ("&gt", '>'),
            ("&quot", '"'),
            ("&Tab", '\t'),
            ("&NewLine", '\n'),
            ("&colon", ':'),
        ];
        let named = named.into_iter().find(|(name, _)| *name == reference).map(|(_, c)| c);
        if let Some(c) = number.and_then(char::from_u32).or(named) {
            text.push(c);
            rest = after;
        } else {
            text.push('&');
            rest = &rest[1..];
        }
    }
    text + rest
}

/// What of a page could run something that somebody typed, or lead where nobody should be led.
pub(super) fn faults(html: &str) -> Vec<String> {
    elements(html)
        .iter()
        .filter_map(|element| fault(element).map(|why| format!("{why}: {element:?}")))
        .collect()
}

fn fault(element: &Element) -> Option<&'static str> {
    let value =
        |name: &str| element.attributes.iter().find(|(one, _)| one == name).map(|(_, value)| value.as_str());
    match element.name.as_str() {
        "script"
            if !value("src").is_some_and(|src| src.starts_with("/assets/"))
                || !element.raw.trim().is_empty() =>
        {
            return Some("a script that is not ours");
        }
        "iframe" | "frame" | "object" | "embed" | "applet" | "base" | "style" | "foreignobject"
        | "animate" | "set" => {
            return Some("an element that no page of ours has");
        }
        "meta" if value("http-equiv").is_some() => return Some("a page that moves by itself"),
        "img" if !value("src").is_some_and(|src| src.starts_with('/')) => {
            return Some("a picture from elsewhere");
        }
        "form" if !value("action").is_none_or(|to| to.starts_with('/')) => {
            return Some("a form to elsewhere");
        }
        _ => {}
    }
    element.attributes.iter().find_map(|(name, value)| match name.as_str() {
        name if name.starts_with("on") => Some("a handler"),
        "style" | "srcdoc" => Some("an attribute that no page of ours has"),
        "href" | "src" | "action" | "formaction" | "poster" | "xlink:href" | "cite" | "background" => {
            leads_nowhere_good(value).then_some("an address that runs something")
        }
        _ => None,
    })
}

/// As browsers read a scheme: blanks and control characters do not count.
fn leads_nowhere_good(address: &str) -> bool {
    let plain: String = address.chars().filter(|c| !c.is_control() && !c.is_whitespace()).collect();
    let plain = plain.to_lowercase();
    match plain.split_once(':') {
        Some((scheme, _)) if !scheme.contains(['/', '?', '#']) => {
            !matches!(scheme, "http" | "https" | "mailto" | "tel")
        }
        _ => false,
    }
}

#[test]
fn what_could_run_is_found() {
    for page in [
        "<p><script>alert(1)</script>",
        "<p><ScRiPt src=https://a.example/x.js></sCript>",
        "<script src=\"/assets/a.js\">alert(1)</script>",
        "<input value=\"\" autofocus onfocus=alert(1) x=\"\">",
        "<a href='java&Tab;script:alert(1)'>x</a>",
        "<a href=\"&#x6a;avascript:alert(1)\">x</a>",
        "<a href=\" \u{1}javascript:alert(1)\">x</a>",
        "<a href=data:text/html,x>x</a>",
        "<img src=x onerror=alert(1)>",
        "<img/onerror=alert(1)/src=/x>",
        "<svg onload=alert(1)>",
        "<!--><script>alert(1)</script>-->",
        "<button formaction=javascript:alert(1)>",
        "<form action=\"https://a.example\">",
        "<iframe srcdoc=x>",
        "<textarea></textarea><script>alert(1)</script>",
        "<p style=\"color: red\">",
    ] {
        assert_eq!(faults(page).len(), 1, "{page}: {:?}", elements(page));
    }
    for page in [
        "<p>&lt;script>alert(1)&lt;/script> a < b",
        "<script type=\"module\" src=\"/assets/a.js\"></script>",
        "<textarea><script>alert(1)</script></textarea>",
        "<a href=\"https://a.example/?q=javascript:1\" title=\"onclick=alert(1)\">x</a><a href=\"/a:b\">",
        "<img src=\"/pictures/1\" alt=\"&#34;onerror=alert(1)\"><svg><use href=\"#i-x\"/></svg>",
    ] {
        assert_eq!(faults(page), Vec::<String>::new());
    }
}

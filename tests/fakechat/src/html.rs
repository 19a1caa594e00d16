//! The platform's HTML: which tags there are, and what makes it refuse a text.
//!
//! Parsing yields the plain text a person reads. A tag left open, closed in the wrong order or unknown, and a
//! bare `<`, are refused in the platform's words.

const TAGS: [&str; 15] = [
    "b",
    "strong",
    "i",
    "em",
    "u",
    "ins",
    "s",
    "strike",
    "del",
    "code",
    "pre",
    "a",
    "tg-spoiler",
    "blockquote",
    "span",
];

/// The plain text of an HTML text, or why the platform refuses it.
pub(crate) fn plain(html: &str) -> Result<String, String> {
    let refuse = |why: String| Err(format!("Bad Request: can't parse entities: {why}"));
    let mut text = String::new();
    let mut open: Vec<String> = Vec::new();
    let mut rest = html;
    while let Some(at) = rest.find(['<', '&']) {
        text.push_str(&rest[..at]);
        rest = &rest[at..];
        if rest.starts_with('&') {
            let (c, length) = entity(rest);
            text.push_str(&c);
            rest = &rest[length..];
            continue;
        }
        let Some(end) = rest.find('>') else {
            return refuse(format!(
                "Unclosed start tag at byte offset {}",
                html.len() - rest.len()
            ));
        };
        let tag = &rest[1..end];
        rest = &rest[end + 1..];
        if let Some(name) = tag.strip_prefix('/') {
            match open.pop() {
                Some(last) if last == name.trim() => {}
                Some(last) => {
                    return refuse(format!(
                        "Unmatched end tag, expected \"</{last}>\", found \"</{name}>\""
                    ));
                }
                None => return refuse(format!("Unexpected end tag \"</{name}>\"")),
            }
            continue;
        }
        let name = tag
            .split_whitespace()
            .next()
            .unwrap_or_default()
            .to_lowercase();
        if !TAGS.contains(&name.as_str()) {
            return refuse(format!("Unsupported start tag \"{name}\""));
        }
        open.push(name);
    }
    text.push_str(rest);
    match open.pop() {
        Some(last) => refuse(format!(
            "Can't find end tag corresponding to start tag \"{last}\""
        )),
        None => Ok(text),
    }
}

/// What an entity stands for, and how many bytes it takes; one that is none stands for itself.
fn entity(rest: &str) -> (String, usize) {
    for (name, c) in [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&amp;", "&"),
        ("&quot;", "\""),
    ] {
        if rest.starts_with(name) {
            return (c.to_owned(), name.len());
        }
    }
    ("&".to_owned(), 1)
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn a_text_is_read_as_a_person_reads_it() {
        assert_eq!(
            plain("<b>T-1</b> &lt;x&gt; &amp; <i>y</i> & z").as_deref(),
            Ok("T-1 <x> & y & z")
        );
    }

    #[test]
    fn what_the_platform_refuses_is_refused() {
        for bad in [
            "<b>open",
            "1 < 2",
            "</b>",
            "<b><i>x</b></i>",
            "<script>x</script>",
            "<b",
        ] {
            assert!(
                plain(bad).is_err_and(|why| why.starts_with("Bad Request: can't parse entities")),
                "{bad}"
            );
        }
    }
}

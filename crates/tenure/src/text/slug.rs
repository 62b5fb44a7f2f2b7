//! Readable addresses, made of titles.

use super::fold;

/// How long a slug is at most, in characters.
const LONGEST: usize = 80;

/// The letters and digits of a title, in any script, folded; whatever lies between becomes one hyphen. Of a title
/// without any it is `fallback`.
#[must_use]
pub fn slug(title: &str, fallback: &str) -> String {
    let mut slug = String::new();
    let mut gap = false;
    for c in fold(title).chars() {
        if !c.is_alphanumeric() {
            gap = true;
            continue;
        }
        let width = if gap && !slug.is_empty() { 2 } else { 1 };
        if slug.chars().count() + width > LONGEST {
            break;
        }
        if width == 2 {
            slug.push('-');
        }
        gap = false;
        slug.push(c);
    }
    if slug.is_empty() { fallback.to_owned() } else { slug }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slug_has_letters_and_digits_of_any_script_and_single_hyphens() {
        for (title, expected) in [
            ("Reset your password", "reset-your-password"),
            ("  What's new in 2.0?! ", "what-s-new-in-2-0"),
            ("Größe ändern", &fold("größe-ändern")),
            ("パスワード を 変える", &fold("パスワード-を-変える")),
            ("../../etc/passwd", "etc-passwd"),
            ("<script>alert(1)</script>", "script-alert-1-script"),
            ("???", "article"),
            ("", "article"),
        ] {
            assert_eq!(slug(title, "article"), expected, "{title}");
        }
        let long = slug(&"word ".repeat(100), "article");
        assert!(long.chars().count() <= LONGEST && long.ends_with(|c: char| c.is_alphanumeric()), "{long}");
    }
}

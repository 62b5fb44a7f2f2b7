//! Every page drawn from samples: none is broken, none lets what people typed become markup, and each says what it must.
//!
//! With `TENURE_SAMPLES=folder` the pages are written there as files, to be looked at in a browser.

mod people;
mod samples;

use askama::Template as _;
use tenure::web::{assets, view::chip::Look};

use self::samples::{Sample, all};

const HOSTILE: &str = "<script>alert('&\"x')</script>";

#[test]
fn every_page_is_drawn_and_says_what_it_must() {
    for Sample { name, html, says } in all() {
        assert!(html.starts_with("<!doctype html>"), "{name} is no page");
        assert!(html.trim_end().ends_with("</html>"), "{name} has no end");
        assert_eq!(html.matches("<h1").count(), 1, "{name} needs exactly one h1");
        assert_eq!(html.matches("<main").count(), 1, "{name} needs exactly one main");
        for words in says {
            assert!(html.contains(words), "{name} does not say {words:?}:\n{html}");
        }
        write(&name, &html);
    }
}

#[test]
fn nothing_that_was_typed_becomes_markup() {
    let mut seen = 0;
    for Sample { name, html, .. } in all() {
        assert!(!html.contains("<script>"), "{name} lets a script through");
        assert!(!html.contains("&\"x"), "{name} lets a quote through");
        seen += usize::from(html.contains("&#60;script&#62;"));
    }
    assert!(seen > 20, "only {seen} samples hold hostile text: the test proves too little");
}

#[test]
fn no_page_holds_inline_code_or_styles() {
    for Sample { name, html, .. } in all() {
        for forbidden in [" style=", "<style", " onclick=", " onsubmit=", " onload=", "javascript:"] {
            assert!(
                !html.contains(forbidden),
                "{name} holds {forbidden:?}, which the content policy refuses"
            );
        }
        for script in html.split("<script").skip(1) {
            assert!(script.contains(" src=\"/assets/"), "{name} holds a script without address");
        }
    }
}

#[test]
fn every_dialog_with_a_preview_sends_the_version_it_shows() {
    for prefix in ["dialog-deactivate", "dialog-activate", "dialog-delete", "dialog-edit", "dialog-role"] {
        let found: Vec<_> = all().into_iter().filter(|sample| sample.name.starts_with(prefix)).collect();
        assert!(!found.is_empty(), "no sample is named {prefix}…");
        for Sample { name, html, .. } in found {
            assert!(html.contains("name=\"_version\""), "{name} does not say what it was made from");
        }
    }
}

#[test]
fn every_id_on_a_page_is_there_once_and_every_label_finds_its_field() {
    for Sample { name, html, .. } in all() {
        let ids: Vec<&str> = values(&html, " id=\"").collect();
        let mut sorted = ids.clone();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(sorted.len(), ids.len(), "{name} has an id twice: {ids:?}");
        for attribute in [" for=\"", " aria-describedby=\"", " aria-labelledby=\"", " popovertarget=\""] {
            for target in values(&html, attribute).flat_map(str::split_whitespace) {
                assert!(ids.contains(&target), "{name}:{attribute}{target}\" leads nowhere");
            }
        }
        for icon in values(&html, "<use href=\"#") {
            assert!(ids.contains(&icon), "{name} uses the icon {icon}, which is not drawn");
        }
    }
}

#[test]
fn a_deactivated_person_is_labelled_in_every_look() {
    for look in people::LOOKS {
        let chip = people::ada().looking(look).render().expect("a chip draws");
        assert!(chip.contains("is-deactivated"), "{look:?} is not transparent");
        assert!(chip.contains("Deactivated"), "{look:?} is not labelled");
        let active = people::grace().looking(look).render().expect("a chip draws");
        assert!(!active.contains("eactivated"), "{look:?} labels someone active");
    }
    // Beside a column that says it, the word would be there twice.
    let chip = people::ada().looking(Look::StatusRow).render().expect("a chip draws");
    assert!(chip.contains("is-deactivated") && !chip.contains("Deactivated"), "{chip}");
}

fn values<'a>(html: &'a str, attribute: &str) -> impl Iterator<Item = &'a str> {
    html.split(attribute).skip(1).filter_map(|rest| rest.split('"').next())
}

/// Writes a page with the styles and scripts it names beside it, for the eye.
fn write(name: &str, html: &str) {
    let Some(folder) = std::env::var_os("TENURE_SAMPLES").map(std::path::PathBuf::from) else { return };
    std::fs::create_dir_all(folder.join("assets")).expect("the samples' folder can be made");
    for (asset, content) in assets::all() {
        std::fs::write(folder.join(asset.trim_start_matches('/')), content).expect("an asset can be written");
    }
    std::fs::write(folder.join(format!("{name}.html")), html.replace("=\"/assets/", "=\"assets/"))
        .expect("a sample can be written");
}

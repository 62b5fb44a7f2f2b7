//! Styles, scripts and the icon, inside the binary; their addresses carry a hash of the content, so they can
//! be cached for ever and never be out of date.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::LazyLock;

use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};

/// The scripts of the desk, one per behaviour. They only enhance: every flow works without them.
pub const SCRIPTS: &[&str] = &[
    "region.js",
    "search.js",
    "select.js",
    "dialog.js",
    "menu.js",
    "keyboard.js",
    "bulk.js",
    "copy.js",
    "draft.js",
    "mention.js",
    "tabs.js",
    "topics.js",
    "toast.js",
    "live.js",
];

/// Those of the portal.
pub const PORTAL_SCRIPTS: &[&str] = &["region.js", "menu.js", "copy.js", "draft.js", "toast.js", "live.js"];

/// The style sheet is written in parts and served as one, so that a page waits for a single request.
const STYLES: &str = concat!(
    include_str!("../../assets/tokens.css"),
    include_str!("../../assets/base.css"),
    include_str!("../../assets/layout.css"),
    include_str!("../../assets/controls.css"),
    include_str!("../../assets/components.css"),
    include_str!("../../assets/people.css"),
    include_str!("../../assets/pages.css"),
    include_str!("../../assets/items.css"),
    include_str!("../../assets/work.css"),
    include_str!("../../assets/search.css"),
    include_str!("../../assets/portal.css"),
    include_str!("../../assets/help.css"),
    include_str!("../../assets/docs.css"),
    include_str!("../../assets/hooks.css"),
    include_str!("../../assets/phone.css"),
);

const FILES: &[(&str, &str, &[u8])] = &[
    ("app.css", "text/css; charset=utf-8", STYLES.as_bytes()),
    ("icon.svg", "image/svg+xml", include_bytes!("../../assets/icon.svg")),
    ("region.js", SCRIPT, include_bytes!("../../assets/region.js")),
    ("search.js", SCRIPT, include_bytes!("../../assets/search.js")),
    ("select.js", SCRIPT, include_bytes!("../../assets/select.js")),
    ("dialog.js", SCRIPT, include_bytes!("../../assets/dialog.js")),
    ("menu.js", SCRIPT, include_bytes!("../../assets/menu.js")),
    ("keyboard.js", SCRIPT, include_bytes!("../../assets/keyboard.js")),
    ("bulk.js", SCRIPT, include_bytes!("../../assets/bulk.js")),
    ("copy.js", SCRIPT, include_bytes!("../../assets/copy.js")),
    ("draft.js", SCRIPT, include_bytes!("../../assets/draft.js")),
    ("mention.js", SCRIPT, include_bytes!("../../assets/mention.js")),
    ("tabs.js", SCRIPT, include_bytes!("../../assets/tabs.js")),
    ("topics.js", SCRIPT, include_bytes!("../../assets/topics.js")),
    ("toast.js", SCRIPT, include_bytes!("../../assets/toast.js")),
    ("live.js", SCRIPT, include_bytes!("../../assets/live.js")),
];

const SCRIPT: &str = "text/javascript; charset=utf-8";

struct Asset {
    url: String,
    kind: &'static str,
    content: &'static [u8],
}

static ASSETS: LazyLock<HashMap<&'static str, Asset>> = LazyLock::new(|| {
    FILES
        .iter()
        .map(|&(name, kind, content)| {
            (name, Asset { url: format!("/assets/{}", hashed(name, content)), kind, content })
        })
        .collect()
});

/// `app.css` becomes `app.1f3a….css`.
fn hashed(name: &str, content: &[u8]) -> String {
    let hash = Sha256::digest(content).iter().take(8).fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    });
    match name.rsplit_once('.') {
        Some((stem, end)) => format!("{stem}.{hash}.{end}"),
        None => format!("{name}.{hash}"),
    }
}

/// Where an asset is served.
///
/// # Panics
/// When there is no asset of this name: a template names it, and a test draws every template.
#[must_use]
pub fn url(name: &str) -> &'static str {
    ASSETS.get(name).map_or_else(|| panic!("no asset is named {name}"), |asset| &asset.url)
}

/// Every asset by its address, with its content.
pub fn all() -> impl Iterator<Item = (&'static str, &'static [u8])> {
    ASSETS.values().map(|asset| (asset.url.as_str(), asset.content))
}

/// `GET /assets/{name}`: the content under its hashed name, and nothing under any other.
pub async fn serve(Path(name): Path<String>) -> Response {
    let asset = ASSETS.values().find(|asset| asset.url.strip_prefix("/assets/") == Some(name.as_str()));
    match asset {
        Some(asset) => (
            [
                (header::CONTENT_TYPE, asset.kind),
                (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
                (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
            ],
            asset.content,
        )
            .into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_asset_is_served_for_ever_under_its_hashed_name_only() {
        for &(name, kind, _) in FILES {
            let hashed = url(name).strip_prefix("/assets/").expect("assets live below /assets/").to_owned();
            let answer = serve(Path(hashed)).await;
            assert_eq!(answer.status(), StatusCode::OK);
            assert_eq!(answer.headers()[header::CONTENT_TYPE], kind);
            assert!(
                answer.headers()[header::CACHE_CONTROL].to_str().expect("plain text").contains("immutable")
            );
            assert_eq!(serve(Path(name.to_owned())).await.status(), StatusCode::NOT_FOUND);
        }
    }

    #[test]
    fn every_script_of_the_desk_is_an_asset() {
        for script in SCRIPTS.iter().chain(PORTAL_SCRIPTS) {
            assert_eq!(url(script).rsplit('.').next(), Some("js"));
        }
    }
}

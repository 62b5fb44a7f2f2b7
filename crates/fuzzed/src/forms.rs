//! Posted forms and query strings, as fields.

use tenure::web::fields::Fields;

/// The most fields of a form.
const MOST: usize = 1_000;

/// Reads bytes as a form. Answers whether it has fields.
///
/// # Panics
/// When what is read is not as it must be.
#[must_use]
pub fn check(bytes: &[u8]) -> bool {
    let pieces = bytes.split(|byte| *byte == b'&').filter(|piece| !piece.is_empty()).count();
    let Ok(fields) = Fields::parse(bytes) else {
        assert!(pieces > MOST, "a form of {pieces} fields is taken");
        return false;
    };
    let all: Vec<(&str, &str)> = fields.iter().collect();
    assert_eq!(all.len(), pieces);
    assert!(all.len() <= MOST);
    let typed: usize = all.iter().map(|(name, value)| name.len() + value.len()).sum();
    // A byte that is no UTF-8 is shown by a sign of three.
    assert!(typed <= 3 * bytes.len(), "{typed} bytes of {}", bytes.len());
    for (name, _) in &all {
        let of_it = || all.iter().filter(|(other, _)| other == name).map(|(_, value)| *value);
        assert_eq!(fields.maybe(name), of_it().next());
        assert_eq!(fields.get(name), fields.maybe(name).unwrap_or_default());
        assert!(fields.ticked(name));
        // Few names are asked for all their values; of many that are alike each would be as long as all.
        if all.len() <= 50 {
            assert!(fields.all(name).eq(of_it()));
        }
    }
    let version = fields.maybe("_version").map(|text| text.parse().unwrap_or(-1));
    assert_eq!(fields.version(), version);
    let mut written = form_urlencoded::Serializer::new(String::new());
    written.extend_pairs(&all);
    let again = Fields::parse(written.finish().as_bytes()).expect("as many fields");
    assert!(again.iter().eq(all.iter().copied()), "what was read is written and read as the same");
    !all.is_empty()
}

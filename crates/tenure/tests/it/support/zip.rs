//! What is known of one person, as they take it along.

use std::io::Read as _;

use domain::id::PersonId;
use tenure::{ctx::Ctx, ops::export};

use super::world::World;

/// The export of one person's data, read to its end.
pub(crate) async fn zipped(
    world: &World,
    ctx: &Ctx,
    person: PersonId,
) -> zip::ZipArchive<std::io::Cursor<Vec<u8>>> {
    let begun = ctx.clone();
    let data = world.write(async move |tx| export::person(tx, &begun, person).await).await;
    let (mut data, mut bytes) = (data.expect("the data"), Vec::new());
    while let Some(piece) = data.next(&world.app.store, ctx).await.expect("a piece") {
        bytes.extend(piece);
    }
    zip::ZipArchive::new(std::io::Cursor::new(bytes)).expect("a zip")
}

/// A file in it.
pub(crate) fn text(zip: &mut zip::ZipArchive<std::io::Cursor<Vec<u8>>>, name: &str) -> String {
    let mut text = String::new();
    zip.by_name(name).expect(name).read_to_string(&mut text).expect("text");
    text
}

//! Pictures of people: what kind they are and how large, read from their first bytes. Nothing is decoded here:
//! a few bytes can stand for a picture that fills the memory of whoever draws it.

use serde_json::json;

use domain::{audit::Action, id::PersonId, part};

use super::{load, record::Record};
use crate::{
    ctx::Ctx,
    error::{Error, Result},
    limits::Limits,
    store::{Tx, pictures},
};

/// A picture that may be saved.
#[derive(Debug, Clone)]
pub struct Picture {
    media_type: &'static str,
    bytes: Vec<u8>,
}

impl Picture {
    /// Accepts PNG, JPEG and WebP by their own bytes, whatever the upload calls itself: nothing else is ever
    /// served.
    pub fn parse(bytes: Vec<u8>, limits: &Limits) -> Result<Self> {
        let wrong = |words: String| Err(Error::field("picture", words));
        if bytes.len() > limits.picture_bytes {
            return wrong(format!("A picture may have at most {} KiB.", limits.picture_bytes / 1024));
        }
        let Some((media_type, sides)) = kind(&bytes) else {
            return wrong("Choose a PNG, JPEG or WebP picture.".into());
        };
        let Some((width, height)) = sides.filter(|(width, height)| *width > 0 && *height > 0) else {
            return wrong(
                "The picture is broken: it does not say how large it is. Choose another one.".into(),
            );
        };
        let most = limits.picture_pixels;
        if width.max(height) > u32::try_from(most).unwrap_or(u32::MAX) {
            return wrong(format!(
                "The picture may be at most {most} pixels wide and high; this one is {width} by {height}. Make it \
                 smaller and send it again."
            ));
        }
        Ok(Self { media_type, bytes })
    }
}

/// The kind of a file that begins so, if it is a picture that may be looked at: one that says how large it is, within
/// the limit on pixels.
#[must_use]
pub fn shown(head: &[u8], limits: &Limits) -> Option<&'static str> {
    let (media_type, sides) = kind(head)?;
    let (width, height) = sides?;
    let most = u32::try_from(limits.picture_pixels).unwrap_or(u32::MAX);
    (width > 0 && height > 0 && width.max(height) <= most).then_some(media_type)
}

/// What a picture is by its own first bytes, and how large it says it is.
fn kind(bytes: &[u8]) -> Option<(&'static str, Sides)> {
    match bytes {
        [0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, rest @ ..] => Some(("image/png", png(rest))),
        [0xff, 0xd8, rest @ ..] => Some(("image/jpeg", jpeg(rest))),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', rest @ ..] => {
            Some(("image/webp", webp(rest)))
        }
        _ => None,
    }
}

/// Width and height in pixels.
type Sides = Option<(u32, u32)>;

/// PNG (W3C, third edition, section 11.2.1): the first chunk is IHDR, and begins with both sides.
fn png(rest: &[u8]) -> Sides {
    let [_, _, _, _, b'I', b'H', b'D', b'R', sides @ ..] = rest else { return None };
    let (width, sides) = sides.split_first_chunk()?;
    let (height, _) = sides.split_first_chunk()?;
    Some((u32::from_be_bytes(*width), u32::from_be_bytes(*height)))
}

/// JPEG (ITU-T T.81, annex B): segments with their lengths, until the frame's header. Every frame header is
/// looked at, since readers do not agree on which of several they take.
fn jpeg(mut rest: &[u8]) -> Sides {
    let mut largest: Sides = None;
    loop {
        let [0xff, marker, after @ ..] = rest else { return largest };
        match marker {
            // Fill bytes before a marker, and markers that stand alone.
            0xff => {
                rest = &rest[1..];
                continue;
            }
            0x01 | 0xd0..=0xd7 => {
                rest = after;
                continue;
            }
            // The picture itself, or its end.
            0xd9 | 0xda => return largest,
            _ => {}
        }
        let (length, _) = after.split_first_chunk()?;
        let length = usize::from(u16::from_be_bytes(*length));
        let segment = after.get(2..length)?;
        if matches!(marker, 0xc0..=0xcf) && !matches!(marker, 0xc4 | 0xc8 | 0xcc) {
            let [_, h1, h0, w1, w0, ..] = segment else { return None };
            let side = |high: &u8, low: &u8| u32::from(u16::from_be_bytes([*high, *low]));
            let (width, height) = largest.unwrap_or_default();
            largest = Some((side(w1, w0).max(width), side(h1, h0).max(height)));
        }
        rest = &after[length..];
    }
}

/// WebP (RFC 9649, section 2): a lossy, a lossless or an extended file, each with its own header.
fn webp(rest: &[u8]) -> Sides {
    let of_14_bits = |low: u8, high: u8| u32::from(u16::from_le_bytes([low, high]) & 0x3fff);
    let of_24_bits = |bytes: &[u8]| 1 + u32::from_le_bytes([bytes[0], bytes[1], bytes[2], 0]);
    match rest {
        [b'V', b'P', b'8', b' ', _, _, _, _, _, _, _, 0x9d, 0x01, 0x2a, w0, w1, h0, h1, ..] => {
            Some((of_14_bits(*w0, *w1), of_14_bits(*h0, *h1)))
        }
        [b'V', b'P', b'8', b'L', _, _, _, _, 0x2f, b0, b1, b2, b3, ..] => {
            let bits = u32::from_le_bytes([*b0, *b1, *b2, *b3]);
            Some(((bits & 0x3fff) + 1, (bits >> 14 & 0x3fff) + 1))
        }
        [b'V', b'P', b'8', b'X', _, _, _, _, _, _, _, _, sides @ ..] if sides.len() >= 6 => {
            Some((of_24_bits(&sides[..3]), of_24_bits(&sides[3..6])))
        }
        _ => None,
    }
}

/// Sets or removes a person's picture.
pub async fn set_picture(tx: &mut Tx, ctx: &Ctx, id: PersonId, picture: Option<Picture>) -> Result<()> {
    let load::Loaded { authority, people: [row] } = load::locked(tx, ctx, [id]).await?;
    part::edit_profile(&authority, &row.person, false)?;
    let digest = picture.as_ref().map(|picture| {
        use sha2::Digest as _;
        crate::seal::to_hex(&sha2::Sha256::digest(&picture.bytes)[..8])
    });
    let saved = match (&digest, &picture) {
        (Some(digest), Some(picture)) => {
            Some((digest.as_str(), picture.media_type, picture.bytes.as_slice()))
        }
        _ => None,
    };
    pictures::set(tx, ctx.workspace, id, saved).await?;
    Record::of(Action::ProfileChanged)
        .person(id)
        .before(json!({ "picture": row.picture.is_some() }))
        .after(json!({ "picture": digest.is_some() }))
        .save(tx, ctx)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(bytes: &[u8]) -> String {
        let refused = Picture::parse(bytes.to_vec(), &Limits::default()).expect_err("not a picture");
        let Error::Invalid(fields) = refused else { panic!("{refused:?}") };
        assert_eq!(fields[0].field, "picture");
        fields[0].message.clone()
    }

    fn png_of(width: u32, height: u32) -> Vec<u8> {
        let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".to_vec();
        bytes.extend(width.to_be_bytes());
        bytes.extend(height.to_be_bytes());
        bytes
    }

    fn jpeg_of(width: u16, height: u16) -> Vec<u8> {
        // A segment of another kind, a fill byte, then a progressive frame.
        let mut bytes = b"\xff\xd8\xff\xe0\0\x07JFIF\0\xff\xff\xc2\0\x0b\x08".to_vec();
        bytes.extend(height.to_be_bytes());
        bytes.extend(width.to_be_bytes());
        bytes.extend(b"\x01\x01\x11\0\xff\xda");
        bytes
    }

    fn webp_of(chunk: &[u8]) -> Vec<u8> {
        [b"RIFF\0\0\0\0WEBP", chunk].concat()
    }

    #[test]
    fn sides_are_read_from_every_kind_of_header() {
        assert_eq!(png(&png_of(640, 480)[8..]), Some((640, 480)));
        assert_eq!(jpeg(&jpeg_of(640, 480)[2..]), Some((640, 480)));
        let lossy = b"VP8 \0\0\0\0\0\0\0\x9d\x01\x2a\x80\x02\xe0\x01";
        assert_eq!(webp(lossy), Some((640, 480)));
        let bits: u32 = 0x027f | 0x01df << 14;
        assert_eq!(webp(&[b"VP8L\0\0\0\0\x2f", bits.to_le_bytes().as_slice()].concat()), Some((640, 480)));
        assert_eq!(webp(b"VP8X\0\0\0\0\0\0\0\0\x7f\x02\0\xdf\x01\0"), Some((640, 480)));
    }

    #[test]
    fn a_picture_of_many_pixels_in_few_bytes_is_refused_with_the_limit() {
        let limits = Limits::default();
        for (bytes, size) in [
            (png_of(60_000, 60_000), "60000 by 60000"),
            (png_of(4_097, 1), "4097 by 1"),
            (jpeg_of(1, 65_535), "1 by 65535"),
            (webp_of(b"VP8X\0\0\0\0\0\0\0\0\xff\xff\xff\0\0\0"), "16777216 by 1"),
        ] {
            let words = refused(&bytes);
            assert!(words.contains("at most 4096 pixels") && words.contains(size), "{words}");
        }
        for fine in [png_of(4_096, 4_096), jpeg_of(4_096, 1)] {
            assert!(Picture::parse(fine, &limits).is_ok());
        }
    }

    #[test]
    fn the_largest_of_several_frames_counts() {
        let mut bytes = jpeg_of(10, 10);
        bytes.truncate(bytes.len() - 2);
        bytes.extend(&jpeg_of(60_000, 10)[2..]);
        assert!(refused(&bytes).contains("60000 by 10"));
    }

    #[test]
    fn what_does_not_say_its_size_is_refused() {
        for broken in [
            b"\x89PNG\r\n\x1a\n".as_slice(),
            b"\x89PNG\r\n\x1a\n\0\0\0\x0dIDAT\0\0\0\x01\0\0\0\x01",
            b"\xff\xd8\xff",
            b"\xff\xd8\xff\xe0\0\0",
            b"\xff\xd8\xff\xe0\xff\xff",
            b"\xff\xd8\xff\xc0\0\x04\0\0",
            b"\xff\xd8\xff\xda",
            b"RIFF\0\0\0\0WEBPVP8X\0\0\0\0\0\0\0\0\0",
            b"RIFF\0\0\0\0WEBP",
        ] {
            assert!(refused(broken).contains("broken"), "{broken:?}");
        }
        assert!(refused(&png_of(0, 10)).contains("broken"));
    }
}

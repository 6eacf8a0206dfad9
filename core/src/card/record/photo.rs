//! The photo as pixels for a screen, through a decoder that forbids unsafe code.

use std::fmt;

use hayro_jpeg2000::{ColorSpace, DecodeSettings, DecoderContext, Image};
use zeroize::Zeroizing;

use super::{FaceRecord, Malformed};
use crate::flow::ChipPhoto;

/// Most pixels of a side. Cards hold 378 × 472; a card can claim anything.
const MAX_SIDE: u32 = 2_048;

/// A photo: 8 bits of grey a pixel, row by row from the top left.
#[derive(Clone, PartialEq, Eq)]
pub struct Photo {
    /// Pixels of a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// `width` × `height` bytes; 0 is black.
    pub grey: Zeroizing<Vec<u8>>,
}

impl FaceRecord {
    /// Decodes the photo. Its bytes were covered by the signature, so what fails here was signed so.
    pub fn decode_photo(&self) -> Result<Photo, Malformed> {
        decode(&self.photo)
    }
}

impl ChipPhoto {
    /// Decodes the photo.
    pub fn decode(&self) -> Result<Photo, Malformed> {
        decode(self.jp2())
    }
}

fn decode(jp2: &[u8]) -> Result<Photo, Malformed> {
    let settings =
        DecodeSettings { resolve_palette_indices: true, strict: true, target_resolution: None };
    let image = Image::new(jp2, &settings).map_err(|_| Malformed("photo"))?;
    let (width, height) = (image.width(), image.height());
    let sides = 1..=MAX_SIDE;
    if !sides.contains(&width) || !sides.contains(&height) {
        return Err(Malformed("size of the photo"));
    }
    if !matches!(image.color_space(), ColorSpace::Gray) || image.has_alpha() {
        return Err(Malformed("a photo that is not grey"));
    }
    let mut context = DecoderContext::default();
    let decoded = image.decode(&mut context).map_err(|_| Malformed("photo"))?;
    let grey = Zeroizing::new(decoded.data_u8());
    let pixels = u64::from(width).checked_mul(u64::from(height));
    if pixels != u64::try_from(grey.len()).ok() {
        return Err(Malformed("size of the photo"));
    }
    Ok(Photo { width, height, grey })
}

impl fmt::Debug for Photo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Photo({} × {})", self.width, self.height)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FACE: &[u8] = include_bytes!("../../../../tests/vectors/jpki-test-card/face-0002.bin");

    #[test]
    fn the_photo_of_the_test_card() {
        let photo = FaceRecord::parse(FACE).unwrap().decode_photo().unwrap();
        assert_eq!((photo.width, photo.height), (378, 472));
        // A picture, and not one shade of grey.
        let (darkest, lightest) = (photo.grey.iter().min(), photo.grey.iter().max());
        assert!(darkest < Some(&64) && lightest > Some(&192), "{darkest:?} {lightest:?}");
    }

    #[test]
    fn a_photo_that_is_none() {
        let face = FaceRecord::parse(FACE).unwrap();
        for bytes in [&[][..], b"not a picture", &face.photo[..100], &face.name_image] {
            assert!(decode(bytes).is_err());
        }
    }

    #[test]
    fn a_damaged_photo_never_panics() {
        let face = FaceRecord::parse(FACE).unwrap();
        // Every so often: a decoding takes a while.
        for at in (0..face.photo.len()).step_by(37) {
            let mut damaged = face.photo.to_vec();
            damaged[at] ^= 0xFF;
            if let Ok(photo) = decode(&damaged) {
                assert!(photo.width <= MAX_SIDE && photo.height <= MAX_SIDE);
            }
        }
    }
}

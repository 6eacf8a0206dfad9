//! DER, element by element.

use rstest::rstest;

use crate::pki::Malformed;
use crate::pki::der::{Element, Reader, single, tag};

fn element(bytes: &[u8]) -> Result<Element<'_>, Malformed> {
    let mut reader = Reader::new(bytes);
    let element = reader.any()?;
    reader.end()?;
    Ok(element)
}

/// As long as it says.
fn long(header: &[u8], length: usize) -> Vec<u8> {
    [header, vec![0xAA; length].as_slice()].concat()
}

#[rstest]
#[case::empty(long(&[0x04, 0x00], 0), 0)]
#[case::one(long(&[0x04, 0x01], 1), 1)]
#[case::longest_short(long(&[0x04, 0x7F], 0x7F), 0x7F)]
#[case::one_byte(long(&[0x04, 0x81, 0x80], 0x80), 0x80)]
#[case::longest_of_one_byte(long(&[0x04, 0x81, 0xFF], 0xFF), 0xFF)]
#[case::two_bytes(long(&[0x04, 0x82, 0x01, 0x02], 0x102), 0x102)]
#[case::three_bytes(long(&[0x04, 0x83, 0x01, 0x02, 0x03], 0x1_0203), 0x1_0203)]
#[case::four_bytes(long(&[0x04, 0x84, 0x01, 0x00, 0x00, 0x00], 0x100_0000), 0x100_0000)]
fn lengths_that_are_read(#[case] bytes: Vec<u8>, #[case] length: usize) {
    let read = element(&bytes).unwrap();
    assert_eq!((read.tag, read.value.len(), read.raw.len()), (0x04, length, bytes.len()));
    assert!(read.value.iter().all(|byte| *byte == 0xAA));
    assert!(element(&bytes[..bytes.len() - 1]).is_err());
    assert!(element(&[bytes, vec![0]].concat()).is_err());
}

#[rstest]
#[case::nothing(vec![])]
#[case::no_length(vec![0x04])]
#[case::long_form_for_a_short_one(long(&[0x04, 0x81, 0x7F], 0x7F))]
#[case::a_zero_before(long(&[0x04, 0x82, 0x00, 0x80], 0x80))]
#[case::a_zero_before(long(&[0x04, 0x83, 0x00, 0x01, 0x00], 0x100))]
#[case::indefinite(vec![0x24, 0x80, 0x00, 0x00])]
#[case::length_cut(vec![0x04, 0x82, 0x01])]
#[case::five_bytes(vec![0x04, 0x85, 0x01, 0x00, 0x00, 0x00, 0x00])]
#[case::reserved(vec![0x04, 0xFF])]
#[case::long_tag(vec![0x1F, 0x81, 0x01, 0x00])]
#[case::long_tag(vec![0xBF, 0x02, 0x00])]
#[case::long_tag_that_may_be_a_length(vec![0xBF, 0x01, 0x00])]
#[case::long_tag_that_may_be_no_length(vec![0x1F, 0x00])]
fn elements_that_are_none(#[case] bytes: Vec<u8>) {
    assert!(element(&bytes).is_err());
}

#[test]
fn tags() {
    assert_eq!((tag::context(0), tag::context(6)), (0x80, 0x86));
    assert_eq!((tag::inside(0), tag::inside(4)), (0xA0, 0xA4));
    // No low bits, and all but one.
    assert!(element(&[0x00, 0x00]).is_ok());
    assert!(element(&[0x1E, 0x00]).is_ok() && element(&[0x9E, 0x00]).is_ok());
}

#[test]
fn readers_take_one_element_after_the_other() {
    let bytes = [0x02, 0x01, 0x05, 0x04, 0x00];
    let mut reader = Reader::new(&bytes);
    assert!(!reader.is_empty() && reader.end().is_err());
    assert!(reader.optional(0x04).unwrap().is_none());
    assert_eq!(reader.rest(), bytes);
    assert_eq!(reader.optional(0x02).unwrap().unwrap().value, [5]);
    assert!({ reader }.expect(0x02).is_err());
    assert_eq!(reader.expect(0x04).unwrap().raw, [0x04, 0x00]);
    assert!(reader.is_empty() && reader.end().is_ok() && reader.optional(0x04).unwrap().is_none());
    assert!(single(&bytes[..3], 0x02).is_ok());
    assert!(single(&bytes[..3], 0x04).is_err() && single(&bytes, 0x02).is_err());
    assert!(Reader::new(&[0x30, 0x00]).sequence().is_ok_and(|inside| inside.is_empty()));
    assert!(Reader::new(&[0x31, 0x00]).sequence().is_err());
}

#[rstest]
#[case::absent(&[], Some(false))]
#[case::absent_something_else(&[0x04, 0x00], Some(false))]
#[case::set(&[0x01, 0x01, 0xFF], Some(true))]
#[case::not_left_out(&[0x01, 0x01, 0x00], None)]
#[case::set_in_another_way(&[0x01, 0x01, 0x01], None)]
#[case::empty(&[0x01, 0x00], None)]
#[case::long(&[0x01, 0x02, 0xFF, 0xFF], None)]
fn a_flag(#[case] bytes: &[u8], #[case] expected: Option<bool>) {
    assert_eq!(Reader::new(bytes).flag(tag::BOOLEAN).ok(), expected);
}

/// Contents of an element.
fn with(tag: u8, value: &[u8]) -> Element<'_> {
    Element { tag, value, raw: value }
}

#[rstest]
#[case::empty(&[], false, None, None)]
#[case::zero(&[0x00], true, Some(0), None)]
#[case::one(&[0x01], true, Some(1), Some(&[0x01][..]))]
#[case::highest_of_a_byte(&[0x7F], true, Some(0x7F), Some(&[0x7F][..]))]
#[case::sign_kept(&[0x00, 0x80], true, Some(0x80), Some(&[0x80][..]))]
#[case::sign_not_needed(&[0x00, 0x7F], false, None, None)]
#[case::zero_twice(&[0x00, 0x00], false, None, None)]
#[case::negative(&[0x80], true, None, None)]
#[case::minus_one(&[0xFF], true, None, None)]
#[case::negative_long(&[0xFF, 0x7F], true, None, None)]
#[case::negative_not_shortest(&[0xFF, 0x80], false, None, None)]
#[case::two_bytes(&[0x12, 0x34], true, Some(0x1234), Some(&[0x12, 0x34][..]))]
#[case::all_bits(&[0x03, 0x03], true, Some(0x0303), Some(&[0x03, 0x03][..]))]
#[case::four_bytes(&[0x7F, 0, 0, 1], true, Some(0x7F00_0001), Some(&[0x7F, 0, 0, 1][..]))]
#[case::largest(
    &[0, 0xFF, 0xFF, 0xFF, 0xFF], true, Some(u32::MAX), Some(&[0xFF, 0xFF, 0xFF, 0xFF][..])
)]
#[case::too_large(&[1, 0, 0, 0, 0], true, None, Some(&[1, 0, 0, 0, 0][..]))]
#[case::too_long(&[1, 0, 0, 0, 0, 0], true, None, Some(&[1, 0, 0, 0, 0, 0][..]))]
#[case::far_too_long(&[1; 9], true, None, Some(&[1; 9][..]))]
#[case::a_small_one_after_eight_bytes(
    &[1, 0, 0, 0, 0, 0, 0, 0, 5], true, None, Some(&[1, 0, 0, 0, 0, 0, 0, 0, 5][..])
)]
fn integers(
    #[case] value: &[u8],
    #[case] is_one: bool,
    #[case] small: Option<u32>,
    #[case] positive: Option<&[u8]>,
) {
    let element = with(tag::INTEGER, value);
    assert_eq!(element.integer().ok(), is_one.then_some(value));
    assert_eq!((element.small().ok(), element.positive().ok()), (small, positive));
}

#[rstest]
#[case::empty(&[], None, None)]
#[case::no_bits(&[0x00], Some(&[][..]), None)]
#[case::whole(&[0x00, 0x01], Some(&[0x01][..]), Some(0x0100))]
#[case::whole_of_nothing(&[0x00, 0x00], Some(&[0x00][..]), None)]
#[case::first(&[0x07, 0x80], None, Some(0x8000))]
#[case::sixth(&[0x02, 0x04], None, Some(0x0400))]
#[case::two(&[0x06, 0xC0], None, Some(0xC000))]
#[case::ninth(&[0x07, 0x00, 0x80], None, Some(0x0080))]
#[case::both_bytes(&[0x07, 0x03, 0x80], None, Some(0x0380))]
#[case::trailing_zeros(&[0x06, 0x80], None, None)]
#[case::a_bit_that_is_unused(&[0x07, 0x81], None, None)]
#[case::trailing_byte(&[0x00, 0x80, 0x00], Some(&[0x80, 0x00][..]), None)]
#[case::eight_unused(&[0x08, 0x00], None, None)]
#[case::eight_unused_of_more(&[0x08, 0x01, 0x00], None, None)]
#[case::nine_unused(&[0x09, 0x80], None, None)]
#[case::three_bytes(&[0x00, 0x01, 0x01, 0x01], Some(&[1, 1, 1][..]), None)]
fn bit_strings(#[case] value: &[u8], #[case] whole: Option<&[u8]>, #[case] named: Option<u16>) {
    let element = with(tag::BIT_STRING, value);
    assert_eq!((element.whole_bytes().ok(), element.named_bits().ok()), (whole, named));
}

#[rstest]
#[case::utc("491231235959Z", Some("2049-12-31T23:59:59Z"), None)]
#[case::utc_of_1950("500101000000Z", Some("1950-01-01T00:00:00Z"), None)]
#[case::utc_of_1999("991231235959Z", Some("1999-12-31T23:59:59Z"), None)]
#[case::utc_of_2000("000229000000Z", Some("2000-02-29T00:00:00Z"), None)]
#[case::no_such_day("010229000000Z", None, None)]
#[case::no_such_month("011301000000Z", None, None)]
#[case::no_such_hour("010101240000Z", None, None)]
#[case::no_such_minute("010101006000Z", None, None)]
#[case::no_such_second("010101000060Z", None, None)]
#[case::no_seconds("0101010000Z", None, None)]
#[case::no_zone("010101000000", None, None)]
#[case::another_zone("010101000000+0900", None, None)]
#[case::no_digit("0101010000x0Z", None, None)]
#[case::no_digit_in_the_year("x10101000000Z", None, None)]
#[case::a_sign("01+101000000Z", None, None)]
#[case::generalized("20500101000000Z", None, Some(("2050-01-01T00:00:00Z", true)))]
#[case::generalized_late("99991229235959Z", None, Some(("9999-12-29T23:59:59Z", true)))]
#[case::no_end("99991231235959Z", None, Some(("9999-12-30T22:00:00.999999999Z", true)))]
#[case::the_first_year("00000101000000Z", None, Some(("0000-01-01T00:00:00Z", false)))]
#[case::generalized_early("20491231235959Z", None, Some(("2049-12-31T23:59:59Z", false)))]
#[case::generalized_fraction("20500101000000.5Z", None, None)]
#[case::generalized_no_digit("205x0101000000Z", None, None)]
#[case::short("2", None, None)]
#[case::empty("", None, None)]
fn times(#[case] text: &str, #[case] utc: Option<&str>, #[case] generalized: Option<(&str, bool)>) {
    let as_utc = with(tag::UTC_TIME, text.as_bytes());
    let as_generalized = with(tag::GENERALIZED_TIME, text.as_bytes());
    let time = |time: Result<jiff::Timestamp, Malformed>| time.ok().map(|time| time.to_string());
    assert_eq!(time(as_utc.time()), utc.map(str::to_owned));
    assert!(as_utc.generalized_time().is_err());
    assert_eq!(
        time(as_generalized.generalized_time()),
        generalized.map(|(time, _)| time.to_owned())
    );
    // Through 2049 it must be the other form (RFC 5280 §4.1.2.5).
    let late = generalized.and_then(|(time, late)| late.then(|| time.to_owned()));
    assert_eq!(time(as_generalized.time()), late);
    assert!(with(tag::OCTET_STRING, text.as_bytes()).time().is_err());
}

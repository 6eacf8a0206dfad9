//! Against records read from a JPKI test card, whose holder is fictional.

use jiff::civil::date;
use rstest::rstest;

use super::*;

macro_rules! vector {
    ($name:literal) => {
        include_bytes!(concat!("../../../../tests/vectors/jpki-test-card/", $name)).as_slice()
    };
}

#[test]
fn the_holder_of_the_test_card() {
    let holder = HolderRecord::parse(vector!("text-0002.bin")).unwrap();
    assert_eq!(holder.name.chars().filter(|&c| c == '\u{3000}').count(), 1);
    assert!(holder.address.starts_with("東京都清瀬市") && holder.address.ends_with("２０２"));
    assert_eq!(
        (holder.birth.as_written(), holder.birth.date()),
        ("19800217", Some(date(1980, 2, 17).into()))
    );
    assert!(holder.sex.meaning() == Sex::Male);
    assert_eq!(
        format!("{holder:?} {:?} {:?}", holder.birth, holder.sex),
        "HolderRecord(..) RecordedDate(..) RecordedSex(..)"
    );
}

#[test]
fn the_face_of_the_test_card() {
    let face = FaceRecord::parse(vector!("face-0002.bin")).unwrap();
    assert_eq!(face.birth.date(), Some(date(1980, 2, 17).into()));
    assert_eq!(face.expiry.as_written().len(), 8);
    for png in [&face.name_image, &face.address_image, &face.security_code_image] {
        assert!(png.starts_with(b"\x89PNG\r\n"));
    }
    assert!(face.photo.starts_with(b"\x00\x00\x00\x0CjP  "));
    let age = AgeRecord::parse(vector!("face-0001.bin")).unwrap();
    assert!(age.birth == face.birth && age.key() == face.key());
    let information = ApplicationInformation::parse(vector!("face-0003.bin")).unwrap();
    assert_eq!((information.specification, information.extended_length), (6, true));
    assert_eq!(information.municipality.len(), 5);
}

#[test]
fn a_record_cut_anywhere_is_malformed() {
    fn cut<T>(record: &[u8], parse: impl Fn(&[u8]) -> Result<T, Malformed>) {
        assert!(parse(record).is_ok());
        for end in 0..record.len() {
            assert!(parse(&record[..end]).is_err(), "{end}");
        }
    }
    cut(vector!("text-0002.bin"), HolderRecord::parse);
    cut(vector!("text-0003.bin"), Integrity::parse);
    cut(vector!("text-0007.bin"), ApplicationKey::parse);
    cut(vector!("face-0001.bin"), AgeRecord::parse);
    cut(vector!("face-0002.bin"), FaceRecord::parse);
    cut(vector!("face-0003.bin"), ApplicationInformation::parse);
}

/// Both generations write lengths in their own way, offsets are not looked at, and objects may stand in any order.
#[rstest]
#[case::minimal(b"\xFF\x20\x17\xDF\x22\x01A\xDF\x23\x01B\xDF\x24\x0819800217\xDF\x25\x012")]
#[case::long(b"\xFF\x20\x82\x00\x17\xDF\x22\x01A\xDF\x23\x01B\xDF\x24\x0819800217\xDF\x25\x012")]
#[case::lying_offsets(
    b"\xFF\x20\x1C\xDF\x21\x02\xFF\xFF\xDF\x22\x01A\xDF\x23\x01B\xDF\x24\x0819800217\xDF\x25\x012"
)]
#[case::order(b"\xFF\x20\x17\xDF\x25\x012\xDF\x23\x01B\xDF\x22\x01A\xDF\x24\x0819800217")]
fn forms_of_one_record(#[case] record: &[u8]) {
    let holder = HolderRecord::parse(record).unwrap();
    assert_eq!((holder.name.as_str(), holder.address.as_str()), ("A", "B"));
    assert!(holder.sex.meaning() == Sex::Female);
}

#[rstest]
#[case::twice(
    b"\xFF\x20\x1B\xDF\x22\x01A\xDF\x22\x01X\xDF\x23\x01B\xDF\x24\x0819800217\xDF\x25\x012"
)]
#[case::missing(b"\xFF\x20\x13\xDF\x22\x01A\xDF\x23\x01B\xDF\x24\x0819800217")]
#[case::not_utf8(b"\xFF\x20\x17\xDF\x22\x01\xFF\xDF\x23\x01B\xDF\x24\x0819800217\xDF\x25\x012")]
#[case::long_sex(b"\xFF\x20\x18\xDF\x22\x01A\xDF\x23\x01B\xDF\x24\x0819800217\xDF\x25\x0212")]
#[case::another(b"\xFF\x30\x17\xDF\x22\x01A\xDF\x23\x01B\xDF\x24\x0819800217\xDF\x25\x012")]
#[case::inner_length_lies(
    b"\xFF\x20\x17\xDF\x22\x7FA\xDF\x23\x01B\xDF\x24\x0819800217\xDF\x25\x012"
)]
fn what_is_no_record(#[case] record: &[u8]) {
    assert!(HolderRecord::parse(record).is_err());
}

#[rstest]
#[case("19800217", Some("1980-02-17"))]
#[case("19800200", Some("1980-02"))] // a day that the register does not know
#[case("19800000", Some("1980"))]
#[case("00000000", None)]
#[case("19800230", None)]
#[case("1980021", None)]
#[case("１９８０", None)]
#[case("19800¡Q", None)]
#[case("", None)]
fn a_date_that_is_none_is_kept_as_it_stands(#[case] written: &str, #[case] meant: Option<&str>) {
    let recorded = RecordedDate::read(written.as_bytes()).unwrap();
    let shown = recorded.date().map(|date| date.to_string());
    assert_eq!((recorded.as_written(), shown.as_deref()), (written, meant));
}

//! DER, and with some effort not quite DER, written.

/// Tag, length, contents.
pub(crate) fn tlv(tag: u8, contents: &[u8]) -> Vec<u8> {
    let mut out = vec![tag];
    match contents.len() {
        length @ 0..=0x7F => out.push(length as u8),
        length @ 0x80..=0xFF => out.extend([0x81, length as u8]),
        length @ 0x100..=0xFFFF => out.extend([0x82, (length >> 8) as u8, length as u8]),
        length => out.extend([0x83, (length >> 16) as u8, (length >> 8) as u8, length as u8]),
    }
    out.extend(contents);
    out
}

/// SEQUENCE.
pub(crate) fn sequence<T: AsRef<[u8]>>(parts: impl IntoIterator<Item = T>) -> Vec<u8> {
    tlv(0x30, &join(parts))
}

/// One after the other.
pub(crate) fn join<T: AsRef<[u8]>>(parts: impl IntoIterator<Item = T>) -> Vec<u8> {
    parts.into_iter().flat_map(|part| part.as_ref().to_vec()).collect()
}

/// OBJECT IDENTIFIER.
pub(crate) fn oid(dotted: &str) -> Vec<u8> {
    tlv(0x06, &oid_contents(dotted))
}

/// Its contents.
pub(crate) fn oid_contents(dotted: &str) -> Vec<u8> {
    let arcs: Vec<u64> = dotted.split('.').map(|arc| arc.parse().expect("a number")).collect();
    let first = arcs[0] * 40 + arcs[1];
    let mut out = Vec::new();
    for arc in std::iter::once(first).chain(arcs[2..].iter().copied()) {
        let mut groups = vec![(arc & 0x7F) as u8];
        let mut rest = arc >> 7;
        while rest > 0 {
            groups.push((rest & 0x7F) as u8 | 0x80);
            rest >>= 7;
        }
        out.extend(groups.iter().rev());
    }
    out
}

/// INTEGER of a small number.
pub(crate) fn integer(number: u32) -> Vec<u8> {
    let bytes = number.to_be_bytes();
    let start = bytes.iter().position(|&byte| byte != 0).unwrap_or(3);
    let mut contents = bytes[start..].to_vec();
    if contents[0] & 0x80 != 0 {
        contents.insert(0, 0);
    }
    tlv(0x02, &contents)
}

/// BIT STRING of whole bytes.
pub(crate) fn bits(bytes: &[u8]) -> Vec<u8> {
    tlv(0x03, &[&[0], bytes].concat())
}

/// BIT STRING of named bits, bit 0 highest, without trailing zeros.
pub(crate) fn named_bits(named: u16) -> Vec<u8> {
    if named == 0 {
        return tlv(0x03, &[0]);
    }
    let unused = (named.trailing_zeros() % 8) as u8;
    let bytes = named.to_be_bytes();
    let whole: &[u8] = if bytes[1] == 0 { &bytes[..1] } else { &bytes };
    tlv(0x03, &[&[unused], whole].concat())
}

/// A time of this many seconds since 1970, in the form that RFC 5280 wants.
pub(crate) fn time(seconds: i64) -> Vec<u8> {
    let generalized = generalized_time(seconds);
    let text = &generalized[2..];
    if text < b"20500101".as_slice() { tlv(0x17, &text[2..]) } else { generalized }
}

/// GeneralizedTime.
pub(crate) fn generalized_time(seconds: i64) -> Vec<u8> {
    let at = jiff::Timestamp::from_second(seconds).expect("a time");
    tlv(0x18, at.strftime("%Y%m%d%H%M%SZ").to_string().as_bytes())
}

/// One attribute of a name: type and a string of some type.
pub(crate) type Attribute = (&'static str, u8, String);

/// A Name of relative names, each of one or more attributes.
pub(crate) fn name(relatives: &[Vec<Attribute>]) -> Vec<u8> {
    sequence(relatives.iter().map(|relative| {
        let mut attributes: Vec<Vec<u8>> = relative
            .iter()
            .map(|(kind, tag, text)| {
                let text: Vec<u8> = match tag {
                    0x1E => text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
                    _ => text.clone().into_bytes(),
                };
                sequence([oid(kind), tlv(*tag, &text)])
            })
            .collect();
        attributes.sort();
        tlv(0x31, &join(attributes))
    }))
}

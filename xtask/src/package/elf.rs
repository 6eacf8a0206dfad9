//! Whether a phone can load a library.

use object::{
    Endianness, FileKind,
    elf::{ET_DYN, FileHeader32, FileHeader64, PT_LOAD},
    read::elf::{FileHeader, ProgramHeader},
};

/// Pages of new phones. A library whose segments are aligned to less is refused by them and by Google Play.
pub(crate) const PAGE: u64 = 16 * 1024;

/// What a library is built for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Machine {
    /// Whether addresses have 64 bits.
    pub(crate) wide: bool,
    /// `e_machine`.
    pub(crate) number: u16,
}

/// What speaks against loading this as a shared library for this machine.
pub(crate) fn findings(library: &[u8], machine: Machine) -> Vec<String> {
    match read(library) {
        None => vec!["it is no shared library, or is cut off".to_owned()],
        Some((of, _)) if of != machine => {
            vec![format!("it is for machine {} and not {}", of.number, machine.number)]
        }
        Some((_, segments)) if segments.is_empty() => vec!["it holds nothing to load".to_owned()],
        Some((_, segments)) => segments
            .iter()
            .enumerate()
            .filter(|(_, segment)| !segment.fits(PAGE))
            .map(|(number, segment)| {
                let align = segment.align;
                format!("its LOAD segment {number} is aligned to {align:#x} and not to {PAGE:#x}")
            })
            .collect(),
    }
}

/// One part of the file that is mapped into memory.
struct Segment {
    offset: u64,
    address: u64,
    align: u64,
}

impl Segment {
    /// Whether it can be mapped where pages are this large.
    fn fits(&self, page: u64) -> bool {
        self.align.is_power_of_two()
            && self.align >= page
            && self.offset.wrapping_sub(self.address).is_multiple_of(self.align)
    }
}

/// The machine and the LOAD segments of a shared library, little-endian.
fn read(file: &[u8]) -> Option<(Machine, Vec<Segment>)> {
    match FileKind::parse(file).ok()? {
        FileKind::Elf32 => read_as::<FileHeader32<Endianness>>(file, false),
        FileKind::Elf64 => read_as::<FileHeader64<Endianness>>(file, true),
        _ => None,
    }
}

fn read_as<Header: FileHeader<Endian = Endianness>>(
    file: &[u8],
    wide: bool,
) -> Option<(Machine, Vec<Segment>)> {
    let header = Header::parse(file).ok()?;
    let endian = header.endian().ok().filter(|endian| *endian == Endianness::Little)?;
    if header.e_type(endian) != ET_DYN {
        return None;
    }
    let segments = header.program_headers(endian, file).ok()?.iter();
    let loaded = segments.filter(|segment| segment.p_type(endian) == PT_LOAD);
    let segments = loaded.map(|segment| Segment {
        offset: segment.p_offset(endian).into(),
        address: segment.p_vaddr(endian).into(),
        align: segment.p_align(endian).into(),
    });
    Some((Machine { wide, number: header.e_machine(endian).0 }, segments.collect()))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    const ARM64: Machine = Machine { wide: true, number: 183 };
    const ARM: Machine = Machine { wide: false, number: 40 };

    /// A library with these LOAD segments (offset, address, alignment) and one of another kind.
    pub(crate) fn library(machine: Machine, loads: &[(u64, u64, u64)]) -> Vec<u8> {
        let Machine { wide, number } = machine;
        let (header, size) = if wide { (64, 56) } else { (52, 32) };
        let word = |value: u64| value.to_le_bytes()[..if wide { 8 } else { 4 }].to_vec();
        let mut file = if wide { b"\x7FELF\x02\x01\x01" } else { b"\x7FELF\x01\x01\x01" }.to_vec();
        file.resize(16, 0);
        file.extend([3, 0]);
        file.extend(number.to_le_bytes());
        file.extend([1, 0, 0, 0]);
        // Entry, program headers, section headers.
        file.extend([word(0), word(header), word(0)].concat());
        file.extend([0; 4]);
        let count = u16::try_from(loads.len() + 1).unwrap();
        for half in [u16::try_from(header).unwrap(), size, count, 0, 0, 0] {
            file.extend(half.to_le_bytes());
        }
        assert_eq!(file.len() as u64, header);
        let loads = loads.iter().map(|load| (1_u32, *load));
        for (kind, (offset, address, align)) in loads.chain([(2, (0, 0, 8))]) {
            file.extend(kind.to_le_bytes());
            let flags = 5_u32.to_le_bytes();
            let sizes = [word(16), word(16)].concat();
            let place = [word(offset), word(address), word(address)].concat();
            let rest = if wide {
                [&flags[..], &place, &sizes, &word(align)].concat()
            } else {
                [&place[..], &sizes, &flags, &word(align)].concat()
            };
            file.extend(rest);
        }
        file
    }

    #[test]
    fn aligned_segments_pass() {
        for machine in [ARM64, ARM] {
            let good = [(0, 0, 0x4000), (0x1230, 0x1_5230, 0x4000), (0x2000, 0x1_2000, 0x1_0000)];
            assert_eq!(findings(&library(machine, &good), machine), Vec::<String>::new());
        }
    }

    #[test]
    fn segments_for_small_pages_are_named() {
        for machine in [ARM64, ARM] {
            let loads = [(0, 0, 0x4000), (0x1000, 0x2000, 0x1000)];
            let found = findings(&library(machine, &loads), machine);
            assert_eq!(found, ["its LOAD segment 1 is aligned to 0x1000 and not to 0x4000"]);
            for (offset, address, align) in [(0, 0, 0), (0, 0, 0x5000), (0x1000, 0x2000, 0x4000)] {
                let bad = library(machine, &[(offset, address, align)]);
                assert_eq!(findings(&bad, machine).len(), 1, "{offset:#x} {address:#x} {align:#x}");
            }
        }
    }

    #[test]
    fn another_machine_is_refused() {
        let found = findings(&library(ARM64, &[(0, 0, 0x4000)]), ARM);
        assert_eq!(found, ["it is for machine 183 and not 40"]);
        let narrow = Machine { wide: false, ..ARM64 };
        assert_eq!(findings(&library(narrow, &[(0, 0, 0x4000)]), ARM64).len(), 1);
    }

    #[test]
    fn what_is_no_library_is_refused() {
        let good = library(ARM64, &[(0, 0, 0x4000)]);
        for length in 0..good.len() {
            assert_eq!(findings(&good[..length], ARM64).len(), 1, "{length}");
        }
        for (at, byte) in [(0, 0), (5, 2), (16, 2)] {
            let mut bad = good.clone();
            bad[at] = byte;
            assert_eq!(findings(&bad, ARM64).len(), 1, "{at}");
        }
        assert_eq!(findings(&library(ARM64, &[]), ARM64), ["it holds nothing to load"]);
    }

    /// Of the linker here, with pages of this many bytes.
    #[cfg(all(target_os = "linux", target_pointer_width = "64"))]
    fn linked(page: u32) -> Vec<u8> {
        use std::{env, fs, process};

        let folder = env::temp_dir().join(format!("kaigotap-elf-{page}-{}", process::id()));
        fs::create_dir_all(&folder).unwrap();
        let (source, library) = (folder.join("empty.rs"), folder.join("libempty.so"));
        fs::write(&source, "#[unsafe(no_mangle)]\npub static mut NUMBER: u8 = 1;\n").unwrap();
        let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
        let status = process::Command::new(rustc)
            .args(["--edition", "2024", "--crate-type", "cdylib", "-o"])
            .args([&library, &source])
            .args(["-C", &format!("link-arg=-Wl,-z,max-page-size={page}")])
            .status();
        assert!(status.unwrap().success());
        let linked = fs::read(&library).unwrap();
        fs::remove_dir_all(&folder).unwrap();
        linked
    }

    #[cfg(all(target_os = "linux", target_pointer_width = "64"))]
    #[test]
    fn what_a_real_linker_makes_is_judged() {
        let large = linked(0x4000);
        let (machine, segments) = read(&large).unwrap();
        let number = if cfg!(target_arch = "aarch64") { 183 } else { 62 };
        assert_eq!(machine, Machine { wide: true, number });
        assert!(segments.len() > 1);
        assert_eq!(findings(&large, machine), Vec::<String>::new());

        let found = findings(&linked(0x1000), machine);
        assert_eq!(found.len(), segments.len(), "{found:?}");
        assert!(found[0].ends_with("is aligned to 0x1000 and not to 0x4000"), "{found:?}");
    }
}

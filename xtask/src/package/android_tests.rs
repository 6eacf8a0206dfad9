use std::env;

use super::*;
use crate::package::{elf::tests::library, zip::tests::unpack};

const VERSIONS: &str = "<kotlin.version>2.2.21</kotlin.version><coroutines.version>1.10.2</coroutines.version>\
                        <jna.version>5.18.1</jna.version>";

/// A library as it must be, but for its code.
fn good(abi: &Abi) -> Vec<u8> {
    let mut library = library(abi.machine, &[(0, 0, 0x4000), (0x1000, 0x5000, 0x4000)]);
    library.extend([MARK, NEEDS].concat());
    library
}

fn rules() -> Vec<u8> {
    fs::read(root().join(MODULE).join("consumer-rules.pro")).unwrap()
}

fn parts() -> Parts {
    Parts {
        manifest: fs::read(root().join(MODULE).join("AndroidManifest.xml")).unwrap(),
        rules: rules(),
        classes: NEEDED
            .iter()
            .chain(&["META-INF/kaigotap.kotlin_module"])
            .map(|name| ((*name).to_owned(), b"class".to_vec()))
            .collect(),
        libraries: ABIS.iter().map(|abi| (abi, Ok(good(abi)))).collect(),
    }
}

/// A folder of this test's own.
fn folder(name: &str) -> PathBuf {
    env::temp_dir().join(format!("kaigotap-{name}-{}", std::process::id()))
}

#[test]
fn the_layout_is_that_of_an_aar() {
    let files = unpack(&zip::pack(&layout(&parts()).unwrap()).unwrap());
    let names: Vec<&str> = files.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        [
            "AndroidManifest.xml",
            "META-INF/com/android/build/gradle/aar-metadata.properties",
            "R.txt",
            "classes.jar",
            "jni/arm64-v8a/libkaigotap_ffi.so",
            "jni/armeabi-v7a/libkaigotap_ffi.so",
            "jni/x86_64/libkaigotap_ffi.so",
            "proguard.txt",
        ]
    );
    assert_eq!(files["proguard.txt"], rules());
    assert_eq!(unpack(&files["classes.jar"]), parts().classes);
    assert_eq!(files["jni/x86_64/libkaigotap_ffi.so"], good(&ABIS[2]));
}

#[test]
fn nothing_speaks_against_what_is_whole() {
    assert_eq!(findings(&parts()), Vec::<String>::new());
}

#[test]
fn a_missing_library_is_named_with_what_to_install() {
    for (index, abi) in ABIS.iter().enumerate() {
        let mut removed = parts();
        let _ = removed.libraries.remove(index);
        let mut failed = parts();
        failed.libraries[index].1 = Err(missing(abi));
        for parts in [removed, failed] {
            let found = findings(&parts);
            assert_eq!(found.len(), 1);
            assert!(found[0].starts_with(&format!("{}: ", abi.name)), "{found:?}");
            assert!(found[0].contains("NDK") && found[0].contains(abi.target));
        }
    }
}

#[test]
fn a_library_that_new_phones_cannot_load_or_another_one_is_named() {
    let mut small = parts();
    let mut library = library(ABIS[0].machine, &[(0, 0, 0x1000)]);
    library.extend([MARK, NEEDS].concat());
    small.libraries[0].1 = Ok(library);
    assert_eq!(
        findings(&small),
        ["arm64-v8a: its LOAD segment 0 is aligned to 0x1000 and not to 0x4000"]
    );

    let mut swapped = parts();
    swapped.libraries[1].1 = Ok(good(&ABIS[0]));
    assert_eq!(findings(&swapped), ["armeabi-v7a: it is for machine 183 and not 40"]);

    let mut other = parts();
    let without = |part: &[u8]| {
        let mut library = super::elf::tests::library(ABIS[2].machine, &[(0, 0, 0x4000)]);
        library.extend(part);
        Ok(library)
    };
    other.libraries[2].1 = without(NEEDS);
    assert_eq!(findings(&other), ["x86_64: it is not KaigoTap's library"]);
    other.libraries[2].1 = without(MARK);
    assert_eq!(
        findings(&other),
        ["x86_64: it is linked without Android's C library and cannot run"]
    );
}

#[test]
fn classes_and_rules_are_missed() {
    for class in NEEDED {
        let mut parts = parts();
        parts.classes.remove(class);
        assert_eq!(findings(&parts), [format!("classes: {class} is missing")]);
    }
    for line in
        ["-keep class com.sun.jna.** { *; }", "-keep,includedescriptorclasses class kaigotap"]
    {
        let mut parts = parts();
        parts.rules = String::from_utf8(rules()).unwrap().replace(line, "#").into_bytes();
        assert_eq!(findings(&parts).len(), 1, "{line}");
    }
}

#[test]
fn the_pom_names_jna_for_android() {
    let pom = pom(VERSIONS, "0.1.0").unwrap();
    let jna = pom.split("<dependency>").find(|text| text.contains("<artifactId>jna<")).unwrap();
    assert!(jna.contains("<version>5.18.1<") && jna.contains("<type>aar</type>"), "{jna}");
    assert!(pom.contains("<packaging>aar</packaging>"));
    assert_eq!(pom.matches("<type>").count(), 1);
    assert_eq!(super::pom("<kotlin.version>2", "0").unwrap_err().matches("kotlin").count(), 2);
}

#[test]
fn the_versions_are_those_of_the_build() {
    let parent = fs::read_to_string(root().join("bindings-kotlin/pom.xml")).unwrap();
    let pom = pom(&parent, VERSION).unwrap();
    let (_, jna) = parent.split_once("<jna.version>").unwrap();
    let (jna, _) = jna.split_once('<').unwrap();
    assert!(pom.contains(&format!("<artifactId>jna</artifactId>\n      <version>{jna}</version>")));
}

#[test]
fn what_is_published_is_the_same_twice_and_has_its_checksums() {
    let folder = folder("publish");
    let read = || {
        let files = publish(&parts(), VERSIONS, false, &folder).unwrap();
        files.iter().map(|file| (file.clone(), fs::read(file).unwrap())).collect::<Vec<_>>()
    };
    let first = read();
    assert_eq!(first, read());
    let place =
        format!("android/org/kaigotap/kaigotap-android/{VERSION}/kaigotap-android-{VERSION}");
    assert_eq!(first[0].0, folder.join(format!("{place}.aar")));
    assert_eq!(first[2].0, folder.join(format!("{place}.pom")));
    for [(file, _), (_, sum)] in first.chunks(2).map(|pair| [&pair[0], &pair[1]]) {
        let sum = String::from_utf8(sum.clone()).unwrap();
        assert!(sum.len() == 64 && sum.bytes().all(|byte| byte.is_ascii_hexdigit()), "{sum}");
        assert_eq!(sum, sha256(file).unwrap());
    }
    assert_ne!(first[1].1, first[3].1);
    fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn what_is_incomplete_is_refused_and_for_inspection_lies_elsewhere() {
    let folder = folder("inspect");
    let mut parts = parts();
    parts.libraries.truncate(1);
    assert!(publish(&parts, VERSIONS, false, &folder).unwrap_err().contains("not published"));
    assert!(!folder.exists());

    let files = publish(&parts, VERSIONS, true, &folder).unwrap();
    let name = files[0].strip_prefix(&folder).unwrap().to_str().unwrap().to_owned();
    assert!(name.starts_with("android-inspection/") && name.ends_with("-inspection.aar"), "{name}");
    let packed = unpack(&fs::read(&files[0]).unwrap());
    assert_eq!(packed.keys().filter(|name| name.starts_with("jni/")).count(), 1);
    assert!(fs::read_to_string(&files[2]).unwrap().contains("-inspection</version>"));
    fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn the_checksum_is_sha256() {
    let file = folder("abc");
    fs::write(&file, "abc").unwrap();
    let sum = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    assert_eq!(sha256(&file).unwrap(), sum);
    fs::remove_file(&file).unwrap();
}

#[test]
fn two_files_of_one_name_are_an_error() {
    let folder = folder("twice");
    fs::create_dir_all(folder.join("a")).unwrap();
    fs::write(folder.join("a/x"), "1").unwrap();
    let mut all = Entries::new();
    collect(&folder, "", &mut all).unwrap();
    assert_eq!(all["a/x"], b"1");
    assert!(collect(&folder, "", &mut all).unwrap_err().to_string().contains("a/x"));
    fs::remove_dir_all(&folder).unwrap();
}

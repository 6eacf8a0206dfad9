//! What is closed to other crates, proven by the compiler.
//!
//! Each function here holds the same code twice over: as a documentation test, which is another crate and must fail to
//! compile, and as its own body, which is this crate and must compile. So what makes the first one fail can only be that
//! something is closed; something that was renamed fails here. Beside it stands code that is much the same and open, so
//! that a documentation test cannot fail for want of this crate.

/// Code that compiles in here and must not compile elsewhere, next to code that compiles everywhere.
macro_rules! closed {
    ($(
        $(#[doc = $why:literal])*
        fn $name:ident() { closed { $($closed:tt)* } open { $($open:tt)* } }
    )*) => { $(
        $(#[doc = $why])*
        #[doc = concat!("\n```compile_fail\n", stringify!($($closed)*), "\n```")]
        #[doc = concat!("\n```\n", stringify!($($open)*), "\n```")]
        #[allow(unused, clippy::all, clippy::pedantic)]
        fn $name() {
            { $($closed)* }
            { $($open)* }
        }
    )* };
}

use crate as kaigotap;

closed! {
    /// Nobody else writes a conversation, and so nobody else sends a command through one.
    fn no_flow_of_ones_own() {
        closed {
            let _ = kaigotap::flow::Flow::new(|_| async { 7 });
        }
        open {
            let _ = kaigotap::reading::status();
        }
    }

    /// The seam between a script and its driver, through which commands go.
    fn no_talk() {
        closed {
            use kaigotap::flow::Talk;
            fn transmit(talk: &Talk) {}
        }
        open {
            use kaigotap::flow::Request;
            fn transmit(request: &Request) {}
        }
    }

    /// Bytes of a command can be read by who carries them, and not be made.
    fn no_command_bytes() {
        closed {
            let _ = kaigotap::flow::CommandBytes::new(vec![0x00, 0xA4, 0x02, 0x0C, 0x02, 0x00, 0x01]);
        }
        open {
            let command: kaigotap::flow::CommandBytes = kaigotap::card::recognition();
            let _ = command.bytes();
        }
    }

    /// The file that holds the 個人番号 in the input-support application, named by its number.
    fn no_file_by_number() {
        closed {
            let _ = kaigotap::iso7816::Command::select_file(0x0001).encode();
        }
        open {
            let _ = kaigotap::card::recognition();
        }
    }

    /// No file is named by its place either.
    fn no_file_by_name() {
        closed {
            let _ = kaigotap::card::input_support::ATTRIBUTES;
        }
        open {
            let _ = kaigotap::card::Application::InputSupport;
        }
    }

    /// No application is selected from outside.
    fn no_selected_application() {
        closed {
            use kaigotap::card::Selected;
            async fn read(card: &mut Selected<'_>) {
                let file = kaigotap::card::Credential::Signature.certificate();
                let _ = card.read(file).await;
            }
        }
        open {
            let _ = kaigotap::reading::certificate(kaigotap::card::Credential::Signature);
        }
    }

    /// The card's own key signs what this crate composed, and nothing that a caller gives.
    fn no_signature_over_given_bytes() {
        closed {
            async fn sign(card: &mut kaigotap::card::Selected<'_>, digest: &[u8; 32]) {
                let _ = card.sign_as_holder(digest).await;
                let _ = card.sign_challenge(digest).await;
            }
        }
        open {
            async fn sign(card: &mut dyn kaigotap::link::CardLink, digest: &[u8; 32]) {
                let _ = (card, digest);
            }
        }
    }

    /// What is signed with the holder's key is composed for a challenge that was verified.
    fn no_assertion_of_ones_own() {
        closed {
            use kaigotap::exchange::assertion::Unsigned;
            fn digest(of: &Unsigned) -> [u8; 32] {
                of.digest()
            }
        }
        open {
            use kaigotap::exchange::Confirmation;
            fn way(of: &Confirmation) -> kaigotap::exchange::Way {
                of.way
            }
        }
    }

    /// A challenge comes out of its verification only.
    fn no_challenge_of_ones_own() {
        closed {
            use kaigotap::exchange::Challenge;
            fn is_here(challenge: &Challenge) {}
        }
        open {
            use kaigotap::exchange::ChallengeKey;
            fn is_here(key: &ChallengeKey) {}
        }
    }

    /// A PIN is asked for by the guard, which nobody else can call.
    fn no_guard_of_ones_own() {
        closed {
            let _ = kaigotap::card::Guard::new(todo!(), kaigotap::card::PinKind::Authentication);
        }
        open {
            let _ = kaigotap::reading::change_pin(kaigotap::card::PinKind::Authentication);
        }
    }

    /// No VERIFY is made of given digits.
    fn no_verify() {
        closed {
            let _ = kaigotap::iso7816::Command::verify(b"123456789012");
        }
        open {
            let _ = kaigotap::flow::Secret::new("123456789012");
        }
    }

    /// What was typed cannot be read back.
    fn no_look_at_a_secret() {
        closed {
            let _ = kaigotap::flow::Secret::new("1234").bytes().len();
        }
        open {
            let _ = format!("{:?}", kaigotap::flow::Secret::new("1234"));
        }
    }

    /// The integrity record holds a digest of the 個人番号, from which twelve digits are guessed back in minutes.
    fn no_integrity_record() {
        closed {
            let _ = kaigotap::card::record::Integrity::parse(b"").is_err();
        }
        open {
            let _ = kaigotap::card::record::HolderRecord::parse(b"").is_err();
        }
    }
}

/// What a caller can choose from. Whoever adds to these lists has to come by here: none may stand for 照合番号A, which is
/// the 個人番号, nor for the application that holds the number of the resident register.
#[test]
fn nothing_to_choose_from_is_the_number() {
    use crate::card::{Application, Credential, PinKind};
    use crate::reading::HolderKey;
    let pin = |pin| match pin {
        PinKind::Authentication | PinKind::Signature | PinKind::InputSupport => "chosen",
        PinKind::VerificationNumberB | PinKind::BirthDate => "printed",
    };
    let application = |of| match of {
        Application::Jpki | Application::InputSupport | Application::Face => "lawful",
    };
    let credential = |of| match of {
        Credential::Authentication | Credential::Signature => "a certificate",
    };
    let key = |of| match of {
        HolderKey::Pin | HolderKey::VerificationNumberB => "known to the holder",
    };
    assert_eq!(pin(PinKind::BirthDate), "printed");
    assert_eq!(application(Application::Face), "lawful");
    assert_eq!(credential(Credential::Signature), "a certificate");
    assert_eq!(key(HolderKey::Pin), "known to the holder");
}

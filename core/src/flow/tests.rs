use proptest::prelude::*;

use super::*;

/// A script that takes every kind of turn once and then adds up what it was told.
fn every_turn() -> Flow<String> {
    Flow::new(|talk| async move {
        let face = talk.ask(Prompt::ConfirmFace).await;
        let link = talk.connect(Occasion::First).await;
        let data = talk.transmit(CommandBytes::new(vec![0, 0x20, 0, 0x80, 1, 2, 3, 4])).await;
        let pin = talk
            .ask(Prompt::EnterPin {
                pin: PinKind::Authentication,
                tries_left: Some(3),
                why: WhyPin::First,
            })
            .await;
        let last =
            talk.ask(Prompt::LastTry { pin: PinKind::Authentication, why: WhyPin::First }).await;
        talk.disconnect().await;
        let now = talk.clock().await;
        let sent = talk.send(HttpRequest::new(Method::Get, "http://127.0.0.1/")).await;
        let name = || EntryName::parse("entry").unwrap();
        let page = Page::new("http://127.0.0.1/".into(), "http://127.0.0.1:1/".into());
        let seen = talk.browse(page).await;
        let signed = talk.sign("key", b"payload".to_vec()).await;
        let kept = talk.keep(Entry::new(name(), b"sealed".to_vec()).unwrap()).await;
        let listed = talk.list().await;
        let recalled = talk.recall(vec![name()]).await;
        let forgotten = talk.forget(name()).await;
        format!(
            "{face:?} {link:?} {data:?} {pin:?} {last:?} {now:?} {sent:?} {seen:?} {signed:?} {kept:?} {listed:?} {recalled:?} {forgotten:?}"
        )
    })
}

/// Runs a flow to its end in a room that knows of no host.
pub(crate) fn play<T>(mut flow: Flow<T>, mut answer: impl FnMut(Request) -> Reply) -> T {
    let mut step = flow.start().unwrap();
    loop {
        step = match step {
            Step::Need(request) => flow.resume(answer(request)).unwrap(),
            Step::Done(outcome) => return outcome,
        };
    }
}

fn fitting(kind: Kind) -> Reply {
    match kind {
        Kind::Connect => Reply::Connect(Ok(Connected::SHORT)),
        Kind::Transmit => Reply::Transmit(Ok(vec![0x90, 0])),
        Kind::Disconnect => Reply::Disconnect,
        Kind::Send => Reply::Send(Err(HttpError::Unreachable)),
        Kind::Browse => Reply::Browse(Err(BrowseError::NoBrowser)),
        Kind::Sign => Reply::Sign(Ok(vec![1; 64])),
        Kind::Keep => Reply::Keep(Ok(())),
        Kind::Forget => Reply::Forget(Err(StoreError::Denied)),
        Kind::List => Reply::List(Err(StoreError::Missing)),
        Kind::Recall => Reply::Recall(Ok(Vec::new())),
        Kind::Clock => {
            Reply::Clock(DeviceTime::new(jiff::Timestamp::UNIX_EPOCH, Duration::from_secs(7)))
        }
        Kind::ConfirmFace | Kind::ConfirmPhoto => Reply::Ask(Answer::Face(FaceCheck::Match)),
        Kind::EnterPin => Reply::Ask(Answer::Pin(Secret::new("4711"))),
        Kind::EnterPrinted => Reply::Ask(Answer::Printed(PrintedFields::default())),
        Kind::LastTry => Reply::Ask(Answer::Consent(false)),
        Kind::NewPin => Reply::Ask(Answer::NewPin(Secret::new("4711"), Secret::new("4711"))),
        Kind::ChooseWay => Reply::Ask(Answer::Way(Way::CardPin)),
        Kind::EnterAttributes => Reply::Ask(Answer::Attributes(Attributes::default())),
        Kind::ConfirmBirthDate => Reply::Ask(Answer::BirthDateIs(true)),
        Kind::Cancelled => Reply::Ask(Answer::Cancelled),
    }
}

const KINDS: [Kind; 20] = [
    Kind::Connect,
    Kind::Transmit,
    Kind::Disconnect,
    Kind::Send,
    Kind::Browse,
    Kind::Sign,
    Kind::Keep,
    Kind::Forget,
    Kind::List,
    Kind::Recall,
    Kind::Clock,
    Kind::ConfirmFace,
    Kind::EnterPin,
    Kind::EnterPrinted,
    Kind::LastTry,
    Kind::NewPin,
    Kind::ChooseWay,
    Kind::EnterAttributes,
    Kind::ConfirmBirthDate,
    Kind::Cancelled,
];

#[test]
fn a_conversation_asks_in_order_and_ends() {
    let mut asked = Vec::new();
    let outcome = play(every_turn(), |request| {
        asked.push(request.kind());
        fitting(request.kind())
    });
    assert_eq!(
        asked,
        [
            Kind::ConfirmFace,
            Kind::Connect,
            Kind::Transmit,
            Kind::EnterPin,
            Kind::LastTry,
            Kind::Disconnect,
            Kind::Clock,
            Kind::Send,
            Kind::Browse,
            Kind::Sign,
            Kind::Keep,
            Kind::List,
            Kind::Recall,
            Kind::Forget,
        ]
    );
    assert!(outcome.contains("Face(Match)") && outcome.contains("[144, 0]"), "{outcome}");
    assert!(
        outcome.contains("Ok([1, 1, 1")
            && outcome.ends_with("Ok(()) Err(Missing) Ok([]) Err(Denied)"),
        "{outcome}"
    );
    assert!(outcome.contains("Pin(Secret(..))") && !outcome.contains("4711"));
}

#[test]
fn using_a_flow_against_its_order_is_an_error_and_harms_nothing() {
    let mut flow = every_turn();
    assert_eq!(flow.resume(Reply::Disconnect).unwrap_err(), Misuse::NotStarted);
    flow.start().unwrap();
    assert_eq!(flow.start().unwrap_err(), Misuse::AlreadyStarted);
    assert_eq!(
        flow.resume(Reply::Disconnect).unwrap_err(),
        Misuse::WrongReply { needed: Kind::ConfirmFace, given: Kind::Disconnect }
    );
    let mut kind = Kind::ConfirmFace;
    while let Step::Need(request) = flow.resume(fitting(kind)).unwrap() {
        kind = request.kind();
    }
    assert_eq!(flow.resume(fitting(kind)).unwrap_err(), Misuse::Finished);
    assert_eq!(flow.start().unwrap_err(), Misuse::Finished);
}

#[test]
fn a_script_that_waits_for_anything_else_is_reported() {
    let mut flow: Flow<()> = Flow::new(|_| std::future::pending());
    assert_eq!(flow.start().unwrap_err(), Misuse::Stalled);
    assert_eq!(flow.start().unwrap_err(), Misuse::Finished);
}

#[test]
fn a_script_that_panics_leaves_a_finished_flow() {
    let mut flow: Flow<()> = Flow::new(|talk| async move {
        talk.clock().await;
        panic!("a fault of this library");
    });
    flow.start().unwrap();
    let resume = || flow.resume(fitting(Kind::Clock));
    assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(resume)).is_err());
    assert_eq!(flow.resume(fitting(Kind::Clock)).unwrap_err(), Misuse::Finished);
}

#[test]
fn a_flow_can_move_to_another_thread() {
    let mut flow = every_turn();
    flow.start().unwrap();
    std::thread::spawn(move || flow.resume(fitting(Kind::ConfirmFace)).is_ok()).join().unwrap();
}

#[test]
fn debug_shows_a_commands_header_and_nothing_typed() {
    let shown = format!(
        "{:?} {:?}",
        Request::Transmit(CommandBytes::new(b"\x00\x20\x00\x80\x044711".to_vec())),
        fitting(Kind::EnterPin)
    );
    assert!(shown.contains("[00, 20, 00, 80]"), "{shown}");
    assert!(!shown.contains("34") && !shown.contains("4711") && !shown.contains("52"), "{shown}");
}

proptest! {
    /// Whatever a caller hands in, in whatever order, and wherever it stops: only the fitting reply moves the flow,
    /// everything else is told as an error, and dropping at any point is safe.
    #[test]
    fn random_replies_and_drops(replies in prop::collection::vec(prop::sample::select(&KINDS[..]), 0..40)) {
        let mut flow = every_turn();
        let Ok(Step::Need(first)) = flow.start() else { panic!("the script asks something first") };
        let mut needed = Some(first.kind());
        for given in replies {
            match (needed, flow.resume(fitting(given))) {
                (None, result) => prop_assert!(matches!(result, Err(Misuse::Finished))),
                (Some(kind), Err(Misuse::WrongReply { needed, given: told })) => {
                    prop_assert_eq!((kind, given), (needed, told));
                    let prompt = matches!(kind, Kind::ConfirmFace | Kind::EnterPin | Kind::LastTry);
                    prop_assert!(given != kind && !(given == Kind::Cancelled && prompt));
                }
                (Some(kind), Ok(step)) => {
                    prop_assert!(given == kind || given == Kind::Cancelled);
                    needed = match step { Step::Need(next) => Some(next.kind()), Step::Done(_) => None };
                    let again = if needed.is_some() { Misuse::AlreadyStarted } else { Misuse::Finished };
                    prop_assert_eq!(flow.start().unwrap_err(), again);
                }
                (Some(_), Err(other)) => prop_assert!(false, "unexpected {other:?}"),
            }
        }
        drop(flow);
    }
}

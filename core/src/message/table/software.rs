//! The software that embeds this library, and this library.

/// These rows, behind those before them.
macro_rules! software {
    ($next:ident $($then:ident)* => $($before:tt)*) => { $next! { $($then)* => $($before)*

    ClockOff "clock_off" Software Same Nobody
        "The clock of this device differs from the server's by more than five minutes."
        "Set the device's date and time to automatic and start again."
        "この端末の時計がサーバーと5分以上ずれています。"
        "端末の日付と時刻を自動設定にして、最初からやり直してください。";
    SetupInvalid "setup_invalid" Software None Support
        "The software is not set up correctly."
        "Tell your software's support."
        "ソフトの設定が正しくありません。"
        "ソフトのサポートに連絡してください。";
    FlowNotStarted "flow_not_started" Software None Support
        "The software answered a conversation that it had not started."
        "Tell your software's support."
        "ソフトが、開始していない処理に応答しました。"
        "ソフトのサポートに連絡してください。";
    FlowAlreadyStarted "flow_already_started" Software None Support
        "The software started the same conversation twice."
        "Tell your software's support."
        "ソフトが、同じ処理を二度開始しました。"
        "ソフトのサポートに連絡してください。";
    FlowFinished "flow_finished" Software Same Nobody
        "This conversation is over."
        "Start again with a new one."
        "この処理はすでに終わっています。"
        "最初からやり直してください。";
    FlowWrongReply "flow_wrong_reply" Software None Support
        "The software gave another kind of answer than it was asked for."
        "Tell your software's support."
        "ソフトが、求められたものと異なる種類の応答をしました。"
        "ソフトのサポートに連絡してください。";
    SignInUnsupported "sign_in_unsupported" Software None Support
        "The place where staff sign in does not offer what this software needs."
        "Tell your software's support."
        "職員のログイン先が、このソフトに必要な方式に対応していません。"
        "ソフトのサポートに連絡してください。";
    FlowInUse "flow_in_use" Software None Support
        "The software used one conversation in two places at once."
        "Tell your software's support."
        "ソフトが、一つの処理を同時に二か所で使いました。"
        "ソフトのサポートに連絡してください。";
    AppFailed "app_failed" Software Same Support
        "The software failed while it showed a question. The card was let go as usual."
        "Start again; if it happens again, tell your software's support."
        "質問の表示中にソフトでエラーが起きました。カードの処理は通常どおり終了しています。"
        "最初からやり直してください。繰り返す場合はソフトのサポートに連絡してください。";
    InternalError "internal_error" Software Same Support
        "There was a fault inside the reading software. This conversation cannot go on."
        "Start again; if it happens again, tell your software's support."
        "読み取りソフトの内部でエラーが起きました。この処理は続けられません。"
        "最初からやり直してください。繰り返す場合はソフトのサポートに連絡してください。";

    } };
}
pub(super) use software;

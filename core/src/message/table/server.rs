//! The network and the server.

/// These rows, behind those before them.
macro_rules! server {
    ($next:ident $($then:ident)* => $($before:tt)*) => { $next! { $($then)* => $($before)*

    ServerUnreachable "server_unreachable" Server Same Nobody
        "The server cannot be reached."
        "Check the network and try again."
        "サーバーに接続できません。"
        "通信状況を確認して、もう一度お試しください。";
    ServerNoAnswer "server_no_answer" Server Same Nobody
        "The server did not answer. It may have received the request."
        "Check the network and start again."
        "サーバーから応答がありません。要求は届いている可能性があります。"
        "通信状況を確認して、最初からやり直してください。";
    ServerBusy "server_busy" Server Same Nobody
        "The server has more to do than it can do now."
        "Wait {wait} and start again."
        "サーバーが混み合っています。"
        "{wait}待ってから、最初からやり直してください。";
    ServerFailed "server_failed" Server Same Nobody
        "The server had a fault of its own."
        "Wait a little and start again."
        "サーバー側で障害が起きました。"
        "しばらく待ってから、最初からやり直してください。";
    ServerAnswerInvalid "server_answer_invalid" Server Same Support
        "The server gave an answer that cannot be used."
        "Start again; if it happens again, tell your software's support."
        "サーバーの応答を利用できません。"
        "最初からやり直してください。繰り返す場合はソフトのサポートに連絡してください。";
    ChallengeExpired "challenge_expired" Server Same Nobody
        "The time for this confirmation has run out."
        "Start again."
        "確認の有効時間が過ぎました。"
        "最初からやり直してください。";
    CertificateStatusUnknown "certificate_status_unknown" Server Same Nobody
        "It cannot be found out now whether the card's certificate was revoked."
        "Try again later; until then verify with the paper certificate."
        "カードの電子証明書が失効していないかどうか、いまは確認できません。"
        "時間をおいてもう一度お試しいただくか、被保険者証で確認してください。";

    } };
}
pub(super) use server;

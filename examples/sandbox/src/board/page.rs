//! The pages that a reviewer sees.

use std::fmt::Write;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use jiff::civil::Date;

use crate::base::reply::Code;
use crate::staff::{Escaped, Language, document, guard};

/// What a page says above its form.
pub(super) enum Said {
    Nothing,
    Wrong,
    /// Seconds to wait.
    TooOften(i64),
}

struct Text {
    title: &'static str,
    lead: &'static str,
    password: &'static str,
    open: &'static str,
    wrong: &'static str,
    too_often: &'static str,
    seconds: &'static str,
    held_on: &'static str,
    none: &'static str,
    over_title: &'static str,
    over: &'static str,
}

const JAPANESE: Text = Text {
    title: "認定審査会資料",
    lead: "別にお知らせしたパスワードを入力してください。",
    password: "パスワード",
    open: "資料を開く",
    wrong: "パスワードが違います。",
    too_often: "続けて間違えたため、しばらく開けません。次に試せるまで:",
    seconds: "秒",
    held_on: "開催日:",
    none: "資料はまだ登録されていません。",
    over_title: "このページは開けません",
    over: "リンクが違うか、審査会が終わったか、取り消されています。保険者にお問い合わせください。",
};

const ENGLISH: Text = Text {
    title: "Papers for the certification board",
    lead: "Type the password that was given to you by another way.",
    password: "Password",
    open: "Open the papers",
    wrong: "The password is wrong.",
    too_often: "Too many wrong tries. You can try again in",
    seconds: "seconds.",
    held_on: "The meeting is on",
    none: "There are no papers yet.",
    over_title: "This page cannot be opened",
    over: "The link is not right, the meeting is over, or it was cancelled. Ask the insurer.",
};

fn text(language: Language) -> &'static Text {
    match language {
        Language::Japanese => &JAPANESE,
        Language::English => &ENGLISH,
    }
}

/// The page that asks for the password.
pub(super) fn door(language: Language, link: &str, said: &Said) -> Response {
    let text = text(language);
    let (status, code, alert) = match said {
        Said::Nothing => (StatusCode::OK, "ok", String::new()),
        Said::Wrong => (StatusCode::FORBIDDEN, "password_wrong", text.wrong.to_owned()),
        Said::TooOften(seconds) => {
            let said = format!("{} {seconds} {}", text.too_often, text.seconds);
            (StatusCode::TOO_MANY_REQUESTS, "too_many_requests", said)
        }
    };
    let (alert, described) = if alert.is_empty() {
        (alert, "")
    } else {
        let alert = format!("<p id=\"said\" class=\"alert\" role=\"alert\">{alert}</p>\n");
        (alert, " aria-describedby=\"said\"")
    };
    let main = format!(
        "<h1>{}</h1>\n<p>{}</p>\n{alert}<form method=\"post\" action=\"/board/{}\">\n\
         <label for=\"password\">{}</label>\n\
         <input id=\"password\" name=\"password\" type=\"password\" autocomplete=\"off\" maxlength=\"256\" \
         required autofocus{described}>\n<button type=\"submit\">{}</button>\n</form>\n",
        text.title,
        text.lead,
        Escaped(link),
        text.password,
        text.open,
    );
    let mut answer = document(language, status, text.title, &main, "");
    if let Said::TooOften(seconds) = said {
        answer.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(*seconds));
    }
    answer.extensions_mut().insert(Code(code));
    answer
}

/// The page with the papers.
pub(super) fn papers(
    language: Language,
    link: &str,
    held_on: Date,
    files: &[(String, String)],
) -> Response {
    let text = text(language);
    let mut main = format!("<h1>{}</h1>\n<p>{} {held_on}</p>\n", text.title, text.held_on);
    if files.is_empty() {
        // Writing to a string does not fail.
        let _ = writeln!(main, "<p>{}</p>", text.none);
    } else {
        main.push_str("<ul>\n");
        for (id, name) in files {
            let (link, id) = (Escaped(link), Escaped(id));
            let _ = writeln!(
                main,
                "<li><a href=\"/board/{link}/{id}\" download>{}</a></li>",
                Escaped(name)
            );
        }
        main.push_str("</ul>\n");
    }
    document(language, StatusCode::OK, text.title, &main, "")
}

/// The page for whoever has no link that opens anything.
pub(super) fn nothing(language: Language) -> Response {
    let text = text(language);
    let main = format!("<h1>{}</h1>\n<p>{}</p>\n", text.over_title, text.over);
    let mut answer = document(language, StatusCode::NOT_FOUND, text.over_title, &main, "");
    answer.extensions_mut().insert(Code("link_unknown"));
    answer
}

/// A file, to be kept and not to be shown: what is in it is a stranger's.
pub(super) fn file(name: &str, content: Vec<u8>) -> Response {
    let mut answer = content.into_response();
    let headers = answer.headers_mut();
    guard(headers);
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
    let policy = "default-src 'none'; sandbox; frame-ancestors 'none'";
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    // RFC 8187 §3.2.1
    let mut encoded = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    let disposition = format!("attachment; filename*=UTF-8''{encoded}");
    if let Ok(disposition) = HeaderValue::try_from(disposition) {
        headers.insert(header::CONTENT_DISPOSITION, disposition);
    }
    answer
}

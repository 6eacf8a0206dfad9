//! The pages that a person sees: without a script, without anything from elsewhere, for a phone and for a screen reader.

use std::fmt::Write;
use std::sync::LazyLock;

use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64ct::{Base64, Encoding};

use super::browser::Language;
use super::password::LONGEST;
use crate::base::jws::sha256;
use crate::base::refusal::Refusal;
use crate::base::reply::Code;

const STYLE: &str = include_str!("page.css");
/// The only style that a page may have, named by its digest (CSP 3 §2.3.1).
static STYLE_SOURCE: LazyLock<String> =
    LazyLock::new(|| format!("'sha256-{}'", Base64::encode_string(&sha256(STYLE.as_bytes()))));

/// What a page says above its form.
pub(crate) enum Said {
    Nothing,
    /// Name or password is wrong. Not which.
    Wrong,
    /// Tried too often; the seconds to wait.
    TooOften(i64),
}

/// The page on which to sign in.
pub(crate) struct SignInPage<'a> {
    pub(crate) language: Language,
    pub(crate) said: &'a Said,
    pub(crate) client_id: &'a str,
    pub(crate) request_uri: &'a str,
    /// What proves that the form is ours.
    pub(crate) form: &'a str,
    pub(crate) staff_id: &'a str,
    /// Where the form may end, but for this server.
    pub(crate) ends_at: &'a str,
}

/// Everything that a page says, in one language.
struct Text {
    title: &'static str,
    lead: &'static str,
    staff_id: &'static str,
    password: &'static str,
    sign_in: &'static str,
    cancel: &'static str,
    wrong: &'static str,
    too_often: &'static str,
    seconds: &'static str,
    notice: &'static str,
    over_title: &'static str,
    over: &'static str,
    failed: &'static str,
}

const JAPANESE: Text = Text {
    title: "職員ログイン",
    lead: "訪問を始めるには、ご自身の職員IDでログインしてください。",
    staff_id: "職員ID",
    password: "パスワード",
    sign_in: "ログイン",
    cancel: "キャンセル",
    wrong: "職員IDまたはパスワードが違います。",
    too_often: "続けて間違えたため、しばらくログインできません。次に試せるまで:",
    seconds: "秒",
    notice: "これは開発用のサンドボックスです。国のサービスではありません。",
    over_title: "このページからはログインできません",
    over: "時間が過ぎたか、すでに使われています。アプリに戻って、もう一度ログインを始めてください。",
    failed: "サーバーで問題が起きました。アプリに戻って、もう一度お試しください。",
};

const ENGLISH: Text = Text {
    title: "Staff sign-in",
    lead: "Sign in with your own staff ID to begin your visits.",
    staff_id: "Staff ID",
    password: "Password",
    sign_in: "Sign in",
    cancel: "Cancel",
    wrong: "The staff ID or the password is wrong.",
    too_often: "Too many wrong tries. You can try again in",
    seconds: "seconds.",
    notice: "This is a sandbox to develop against, not the national service.",
    over_title: "You cannot sign in from this page",
    over: "It is too old or was used already. Go back to the app and begin to sign in again.",
    failed: "Something went wrong on the server. Go back to the app and try again.",
};

impl Language {
    fn text(self) -> &'static Text {
        match self {
            Self::Japanese => &JAPANESE,
            Self::English => &ENGLISH,
        }
    }
}

impl SignInPage<'_> {
    pub(crate) fn answer(&self) -> Response {
        let text = self.language.text();
        let (status, code, said) = match self.said {
            Said::Nothing => (StatusCode::OK, "ok", String::new()),
            Said::Wrong => {
                let said = alert(text.wrong);
                (StatusCode::FORBIDDEN, "password_wrong", said)
            }
            Said::TooOften(seconds) => {
                let said = alert(&format!("{} {seconds} {}", text.too_often, text.seconds));
                (StatusCode::TOO_MANY_REQUESTS, "too_many_requests", said)
            }
        };
        let described = if said.is_empty() { "" } else { " aria-describedby=\"said\"" };
        // Whoever is known already has the password left to type.
        let (first, second) = match self.staff_id {
            "" => (" autofocus", ""),
            _ => ("", " autofocus"),
        };
        let main = format!(
            "<h1>{title}</h1>\n<p>{lead}</p>\n{said}\
             <form method=\"post\" action=\"/staff/login\">\n\
             <input type=\"hidden\" name=\"client_id\" value=\"{client_id}\">\n\
             <input type=\"hidden\" name=\"request_uri\" value=\"{request_uri}\">\n\
             <input type=\"hidden\" name=\"form\" value=\"{form}\">\n\
             <label for=\"staff_id\">{staff_label}</label>\n\
             <input id=\"staff_id\" name=\"staff_id\" value=\"{staff_id}\" autocomplete=\"username\" \
             autocapitalize=\"none\" autocorrect=\"off\" spellcheck=\"false\" maxlength=\"{LONGEST}\" \
             required{described}{first}>\n\
             <label for=\"password\">{password_label}</label>\n\
             <input id=\"password\" name=\"password\" type=\"password\" autocomplete=\"current-password\" \
             maxlength=\"{LONGEST}\" required{described}{second}>\n\
             <button type=\"submit\">{sign_in}</button>\n\
             <button type=\"submit\" name=\"cancel\" value=\"1\" class=\"quiet\" formnovalidate>{cancel}</button>\n\
             </form>\n",
            title = text.title,
            lead = text.lead,
            client_id = Escaped(self.client_id),
            request_uri = Escaped(self.request_uri),
            form = Escaped(self.form),
            staff_id = Escaped(self.staff_id),
            staff_label = text.staff_id,
            password_label = text.password,
            sign_in = text.sign_in,
            cancel = text.cancel,
        );
        let mut answer = document(self.language, status, text.title, &main, self.ends_at);
        if let Said::TooOften(seconds) = self.said {
            answer.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(*seconds));
        }
        answer.extensions_mut().insert(Code(code));
        answer
    }
}

/// The page for whoever cannot be sent back to where they came from.
pub(crate) fn dead_end(language: Language, refusal: Refusal) -> Response {
    let text = language.text();
    let (code, status, _) = refusal.row();
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let said = if status.is_server_error() { text.failed } else { text.over };
    let main = format!("<h1>{}</h1>\n<p>{said}</p>\n", text.over_title);
    let mut answer = document(language, status, text.over_title, &main, "");
    answer.extensions_mut().insert(Code(code));
    answer
}

fn alert(said: &str) -> String {
    format!("<p id=\"said\" class=\"alert\" role=\"alert\">{said}</p>\n")
}

/// A page, of which `main` is HTML; its forms may end here, and at `ends_at` if it says so.
pub(crate) fn document(
    language: Language,
    status: StatusCode,
    title: &str,
    main: &str,
    ends_at: &str,
) -> Response {
    let html = format!(
        "<!DOCTYPE html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <title>{title} – KaigoTap</title>\n<style>{STYLE}</style>\n</head>\n\
         <body>\n<main>\n<p class=\"name\">KaigoTap</p>\n{main}</main>\n\
         <footer><p>{}</p></footer>\n</body>\n</html>\n",
        language.code(),
        language.text().notice,
    );
    let policy = format!(
        "default-src 'none'; style-src {}; form-action 'self' {ends_at}; base-uri 'none'; frame-ancestors 'none'",
        *STYLE_SOURCE
    );
    let mut answer = (status, html).into_response();
    let headers = answer.headers_mut();
    guard(headers);
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(language.code()));
    headers.insert(header::VARY, HeaderValue::from_static("accept-language, cookie"));
    if let Ok(policy) = HeaderValue::try_from(policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    answer
}

/// What every answer to a browser says: it is kept nowhere, shown in no frame, and taken for nothing else.
pub(crate) fn guard(headers: &mut HeaderMap) {
    let same_origin = "same-origin";
    for (name, value) in [
        (header::CACHE_CONTROL, "no-store"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        // With none at all, a browser would not say either where a form of ours comes from.
        (header::REFERRER_POLICY, same_origin),
        (HeaderName::from_static("cross-origin-opener-policy"), same_origin),
        (HeaderName::from_static("cross-origin-resource-policy"), same_origin),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
}

/// Text as it stands in HTML, also within an attribute's quotes.
pub(crate) struct Escaped<'a>(pub(crate) &'a str);

impl std::fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for c in self.0.chars() {
            match c {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                c if c.is_control() => f.write_char('\u{FFFD}')?,
                c => f.write_char(c)?,
            }
        }
        Ok(())
    }
}

//! What a browser shows that is sent to the sandbox itself: what this is, and where to go on.

use axum::http::header;
use axum::response::{Html, IntoResponse, Response};

/// No script, no style, nothing from elsewhere.
const POLICY: &str =
    "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

const PAGE: &str = r#"<!DOCTYPE html>
<html lang="ja">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>KaigoTap sandbox</title>
</head>
<body>
<main>
<h1>KaigoTap 模擬基盤</h1>
<p>練習・開発用の模擬基盤です。国の介護情報基盤ではありません。ここにいる人は、全員が架空です。</p>
<ul>
<li>訪問を試す：<code>kaigotap visit --enrolment visit.json --reader simulator</code></li>
<li>練習用の人物と暗証番号：<code>kaigotap people</code></li>
<li>模擬基盤を始め直したら、登録ファイルも作り直します：<code>kaigotap sandbox --enrolment visit.json</code></li>
<li><a href="/openapi.json">APIの一覧（OpenAPI）</a>、<a href="/jlis">模擬認証局</a></li>
</ul>
<section lang="en">
<h2>KaigoTap sandbox</h2>
<p>A care platform to practise with and to develop against. It is not the national service, and nobody here exists.</p>
<ul>
<li>Try a visit: <code>kaigotap visit --enrolment visit.json --reader simulator</code></li>
<li>The people, their PINs and what happens: <code>kaigotap people</code></li>
<li>After a restart, have the enrolment written anew: <code>kaigotap sandbox --enrolment visit.json</code></li>
<li><a href="/openapi.json">The API (OpenAPI)</a>, <a href="/jlis">the certificate authority</a>,
<a href="/.well-known/oauth-authorization-server">the token service</a>,
<a href="/staff/.well-known/openid-configuration">where staff sign in</a></li>
<li>How an exchange goes, and what each refusal means: <code>docs/exchange.md</code></li>
</ul>
</section>
</main>
</body>
</html>
"#;

/// `GET /`
pub(crate) async fn page() -> Response {
    let headers = [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (headers, Html(PAGE)).into_response()
}

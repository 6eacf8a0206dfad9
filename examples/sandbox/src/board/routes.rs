//! The pages over HTTP.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use super::Board;
use super::page::{self, Said};
use super::reviewer::Tried;
use crate::base::form::Form;
use crate::base::jws::base64url;
use crate::base::keys::random;
use crate::base::refusal::Refusal;
use crate::base::reply::{Received, Reply, received};
use crate::staff::{Language, guard};

const FORM: &str = "application/x-www-form-urlencoded";
const COOKIE: &str = "kaigotap-board";

type Shared = State<Arc<Board>>;

pub(crate) fn routes<S: Clone + Send + Sync + 'static>(board: Arc<Board>) -> Router<S> {
    Router::new()
        .route("/board/{link}", get(open).post(enter))
        .route("/board/{link}/{file}", get(read))
        .with_state(board)
}

/// The papers, or the door before them.
async fn open(State(board): Shared, Path(link): Path<String>, headers: HeaderMap) -> Response {
    let answer = async {
        let language = Language::of("", &headers);
        let Some(visitor) = board.visitor(&link).await? else {
            return Ok(page::nothing(language));
        };
        if !board.is_in(&visitor, board.cookie(&headers)) {
            return Ok(page::door(language, &link, &Said::Nothing));
        }
        let files = board.files(&visitor).await?;
        Ok(page::papers(language, &link, visitor.held_on, &files))
    };
    board.answered(answer.await)
}

/// In with the password.
async fn enter(
    State(board): Shared,
    Path(link): Path<String>,
    headers: HeaderMap,
    body: Received,
) -> Response {
    let answer = async {
        let language = Language::of("", &headers);
        let form = Form::read(&received(&headers, FORM, body)?)?;
        let password = form.want("password")?;
        let from = headers.get(header::ORIGIN).map(HeaderValue::as_bytes);
        if from.is_some_and(|origin| origin != board.base.issuer.as_bytes()) {
            return Err(Refusal::RequestMalformed);
        }
        let Some(visitor) = board.visitor(&link).await? else {
            return Ok(page::nothing(language));
        };
        let cookie = base64url(&random::<32>()?);
        match board.try_password(&visitor, password, cookie.as_bytes()).await? {
            Tried::Wrong => Ok(page::door(language, &link, &Said::Wrong)),
            Tried::TooOften(seconds) => Ok(page::door(language, &link, &Said::TooOften(seconds))),
            Tried::Welcome => {
                let mut answer = StatusCode::SEE_OTHER.into_response();
                let headers = answer.headers_mut();
                guard(headers);
                let back = HeaderValue::try_from(format!("/board/{link}"));
                headers.insert(header::LOCATION, back.map_err(|_| Refusal::RequestMalformed)?);
                let set = HeaderValue::try_from(board.set(&cookie));
                headers.insert(header::SET_COOKIE, set.map_err(|_| Refusal::ServerFailed)?);
                Ok(answer)
            }
        }
    };
    board.answered(answer.await)
}

/// One of the papers.
async fn read(
    State(board): Shared,
    Path((link, file)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    let answer = async {
        let language = Language::of("", &headers);
        let Some(visitor) = board.visitor(&link).await? else {
            return Ok(page::nothing(language));
        };
        if !board.is_in(&visitor, board.cookie(&headers)) {
            return Ok(page::door(language, &link, &Said::Nothing));
        }
        Ok(match board.file(&visitor, &file).await? {
            Some((name, content)) => page::file(&name, content),
            None => page::nothing(language),
        })
    };
    board.answered(answer.await)
}

impl Board {
    fn answered(&self, answer: Result<Response, Refusal>) -> Response {
        answer.unwrap_or_else(|refusal| Reply::from(refusal).at(self.base.now()))
    }

    fn is_secure(&self) -> bool {
        self.base.issuer.starts_with("https://")
    }

    fn name(&self) -> String {
        if self.is_secure() { format!("__Host-{COOKIE}") } else { COOKIE.to_owned() }
    }

    fn set(&self, cookie: &str) -> String {
        let secure = if self.is_secure() { "; Secure" } else { "" };
        // Strict would keep it back from whoever comes from their mail.
        format!("{}={cookie}; Path=/; HttpOnly; SameSite=Lax{secure}", self.name())
    }

    /// The one cookie of ours that a browser shows.
    fn cookie<'a>(&self, headers: &'a HeaderMap) -> Option<&'a [u8]> {
        let name = self.name();
        let values = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
        let pairs =
            values.flat_map(|value| value.split(';')).filter_map(|pair| pair.split_once('='));
        let mut ours = pairs.filter(|(known, _)| known.trim() == name);
        let (_, value) = ours.next()?;
        ours.next().is_none().then(|| value.trim().as_bytes())
    }
}

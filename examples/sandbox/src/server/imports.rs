//! `/insurer/v1/imports`: a municipality's system brings its insured persons in over the network.
//!
//! What comes is written to a file that has no name and is gone with its last handle, and is looked at when it is whole: of
//! one that was torn nothing is read. Memory stays the same however long it is.

use std::fs::File;
use std::future::poll_fn;
use std::io::Write;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, HttpBody};
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, header};
use axum::response::Response;
use axum::routing::{get, post};
use serde_json::{Value, json};
use tokio::runtime::Handle;
use tokio::sync::Semaphore;

use super::rooms::Rooms;
use crate::audit::{Audit, Event, What, Who};
use crate::base::Base;
use crate::base::clock::rfc3339;
use crate::base::form::Form;
use crate::base::keys::random_uuid;
use crate::base::refusal::Refusal;
use crate::base::reply::{Reply, Shown, shown};
use crate::insurer::{ImportError, ImportKind, ImportReport, Insurer, Source};
use crate::sts::Sts;

/// The only path whose body is not read as a whole before anything is done with it.
pub(super) const PATH: &str = "/insurer/v1/imports";
const CSV: &str = "text/csv";
/// Longest file, in bytes: some eight million persons.
const LONGEST: u64 = 1024 * 1024 * 1024;
/// How long the next part of a file may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// So many files are taken in at a time.
const AT_ONCE: usize = 2;

/// Where files come in.
struct Desk {
    base: Arc<Base>,
    audit: Arc<Audit>,
    insurer: Arc<Insurer>,
    sts: Arc<Sts>,
    room: Semaphore,
}

pub(super) fn routes<S: Clone + Send + Sync + 'static>(rooms: &Rooms) -> Router<S> {
    let desk = Arc::new(Desk {
        base: rooms.base.clone(),
        audit: rooms.audit.clone(),
        insurer: rooms.insurer.clone(),
        sts: rooms.sts.clone(),
        room: Semaphore::new(AT_ONCE),
    });
    Router::new()
        .route(PATH, post(bring))
        .route("/insurer/v1/imports/{id}", get(told))
        .with_state(desk)
}

/// `POST /insurer/v1/imports?kind=full|changes`
async fn bring(
    State(desk): State<Arc<Desk>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let reply = async {
        let insurers = desk.whose(&headers).await?;
        let kind = kind(query.as_deref())?;
        let stated = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let stated = stated.and_then(|value| value.split(';').next());
        if !stated.is_some_and(|stated| stated.trim().eq_ignore_ascii_case(CSV)) {
            return Err(Refusal::RequestMalformed);
        }
        let _place = desk.room.try_acquire().map_err(|_| Refusal::TooManyRequests)?;
        let file = taken_in(body).await?;
        desk.bring(file, kind, insurers).await
    };
    Reply::from(reply.await).at(desk.base.now())
}

/// `GET /insurer/v1/imports/{id}`
async fn told(
    State(desk): State<Arc<Desk>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    let reply = async {
        let insurers = desk.whose(&headers).await?;
        let report = desk.insurer.upload(&id, &insurers).await?;
        report.map(Reply::ok).ok_or(Refusal::RequestMalformed)
    };
    Reply::from(reply.await).at(desk.base.now())
}

fn kind(query: Option<&str>) -> Result<ImportKind, Refusal> {
    let form = Form::read(query.unwrap_or_default().as_bytes())?;
    match form.want("kind")? {
        "full" => Ok(ImportKind::Full),
        "changes" => Ok(ImportKind::Changes),
        _ => Err(Refusal::RequestMalformed),
    }
}

/// The whole of a body, in a file; refused if it is torn, too long or too slow.
async fn taken_in(mut body: Body) -> Result<File, Refusal> {
    if body.size_hint().lower() > LONGEST {
        return Err(Refusal::RequestMalformed);
    }
    let mut file = tempfile::tempfile().map_err(|error| failed(&error))?;
    let mut length = 0;
    loop {
        let frame = poll_fn(|context| Pin::new(&mut body).poll_frame(context));
        let frame = tokio::time::timeout(PATIENCE, frame).await;
        let Ok(frame) = frame else { return Err(Refusal::RequestMalformed) };
        let Some(frame) = frame else { return Ok(file) };
        let bytes = frame.map_err(|_| Refusal::RequestMalformed)?.into_data().unwrap_or_default();
        length += bytes.len() as u64;
        if length > LONGEST {
            return Err(Refusal::RequestMalformed);
        }
        file.write_all(&bytes).map_err(|error| failed(&error))?;
    }
}

fn failed(error: &std::io::Error) -> Refusal {
    tracing::error!(%error, "a file could not be kept");
    Refusal::ServerFailed
}

impl Desk {
    /// Whose key a request shows.
    async fn whose(&self, headers: &HeaderMap) -> Result<Vec<String>, Refusal> {
        let Some(Shown::Bearer(key)) = shown(headers) else { return Err(Refusal::ClientUnknown) };
        self.insurer.insurers_of(key).await?.ok_or(Refusal::ClientUnknown)
    }

    /// Brings a file in that is whole, and keeps what became of it.
    async fn bring(
        self: &Arc<Self>,
        file: File,
        kind: ImportKind,
        insurers: Vec<String>,
    ) -> Result<Reply, Refusal> {
        let id = random_uuid()?;
        let mut report = json!({
            "id": id, "kind": kind.code(), "insurers": insurers, "state": "running",
            "received_at": rfc3339(self.base.now()),
        });
        self.insurer.keep_upload(&id, &insurers, &report).await?;
        // The file is read in long strides, during which nobody else could be answered here.
        let (desk, numbers, runtime) = (self.clone(), insurers.clone(), Handle::current());
        let brought = tokio::task::spawn_blocking(move || {
            let source = Source::Unnamed(&file);
            runtime.block_on(desk.insurer.bring(source, kind, &numbers, &mut |_| {}))
        });
        let brought = brought.await.map_err(|_| Refusal::ServerFailed)?;
        let status = match &brought {
            Ok(told) if told.found == 0 => {
                self.sts.follow_import().await?;
                add(&mut report, "done", told);
                200
            }
            Ok(told) => {
                add(&mut report, "faulty", told);
                400
            }
            Err(error) => {
                let (status, why) = refused(error);
                report["state"] = "stopped".into();
                report["why"] = why.into();
                status
            }
        };
        let outcome = report["state"].as_str().unwrap_or_default();
        let outcome = if outcome == "done" { "ok" } else { outcome };
        let event = Event { what: What::Import, outcome, note: kind.code(), who: Who::default() };
        self.audit.add(&event).await?;
        self.insurer.keep_upload(&id, &insurers, &report).await?;
        Ok(Reply::told(status, report))
    }
}

/// What became of it, as `kaigotap sandbox import --json` tells it.
fn add(report: &mut Value, state: &str, told: &ImportReport) {
    let finding = |found: &crate::insurer::ImportFinding| json!({ "row": found.row, "field": found.field, "flaw": found.flaw.code() });
    report["state"] = state.into();
    report["rows"] = told.rows.into();
    report["found"] = told.found.into();
    report["findings"] = told.findings.iter().map(finding).collect();
    report["resumed_at"] = json!(told.resumed_at);
    report["was_done"] = told.was_done.into();
    report["removed"] = told.removed.into();
    report["set_up_at"] = json!(told.set_up_at);
    report["live_on"] = json!(told.live_on);
}

fn refused(error: &ImportError) -> (u16, &'static str) {
    match error {
        ImportError::NotSetUp => (409, "not_set_up"),
        ImportError::Unfinished => (409, "import_unfinished"),
        ImportError::Elsewhere => (409, "import_elsewhere"),
        other => {
            tracing::error!(%other, "an import came to no end");
            (500, "server_failed")
        }
    }
}

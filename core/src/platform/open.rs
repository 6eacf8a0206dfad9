//! What anybody may read of a server: what it says of itself, and its keys.

use zeroize::Zeroizing;

use crate::flow::{HttpError, HttpRequest, Method, Talk};
use crate::message::{Code, Failure};

/// How often something that changes nothing is asked for when no answer comes.
const SENDS: usize = 2;

/// Something that anybody may read, as JSON.
pub(crate) async fn open(talk: &Talk, address: &str) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let mut sends = SENDS;
    loop {
        sends = sends.saturating_sub(1);
        let request = HttpRequest::new(Method::Get, address);
        match talk.send(request.with_header("accept", "application/json".to_owned())).await {
            Ok(answer) if answer.status == 200 => return Ok(answer.body),
            Ok(answer) => {
                return Err(match answer.status {
                    429 | 503 => Code::ServerBusy.into(),
                    500.. => Code::ServerFailed.into(),
                    _ => Code::ServerAnswerInvalid.into(),
                });
            }
            Err(HttpError::NoAnswer | HttpError::Unreachable) if sends > 0 => {}
            Err(error) => return Err(error.into()),
        }
    }
}

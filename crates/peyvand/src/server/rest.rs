//! What of a request's body nobody has read: an answer that is given early (no token, a wrong type, no such address) leaves
//! it on the connection. A little is read to its end, so that the connection can take the next request; of more the answer
//! says that the connection closes.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::response::Response;
use hyper::body::{Body, Bytes, Frame, Incoming, SizeHint};
use hyper::header::{CONNECTION, HeaderMap, HeaderValue};

/// Most bytes that are read to no end.
const MOST: usize = 1024 * 1024;
/// Longest time for it.
const TIME: Duration = Duration::from_secs(2);

/// A body that is left behind where it can be found when whoever read it goes before its end.
#[derive(Debug)]
pub(crate) struct Left {
    body: Option<Incoming>,
    rest: Rest,
}

/// Where the rest of a body is found.
#[derive(Debug, Clone, Default)]
pub(crate) struct Rest(Arc<Mutex<Option<Incoming>>>);

impl Rest {
    /// The body, to be read.
    pub(crate) fn of(&self, body: Incoming) -> Left {
        Left {
            body: Some(body),
            rest: self.clone(),
        }
    }

    /// Reads what was left, or has the answer say that the connection closes.
    pub(crate) async fn done(self, waits: bool, answer: &mut Response) {
        let left = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(mut body) = left.filter(|b| !b.is_end_stream()) else {
            return;
        };
        // Whoever waits for leave to send sends nothing when the answer comes instead.
        let large = body.size_hint().lower() > MOST as u64;
        let read = async {
            let mut bytes = 0;
            loop {
                let next = std::future::poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await;
                match next {
                    None => return true,
                    Some(Ok(frame)) => bytes += frame.data_ref().map_or(0, Bytes::len),
                    Some(Err(_)) => return false,
                }
                if bytes > MOST {
                    return false;
                }
            }
        };
        if waits || large || !tokio::time::timeout(TIME, read).await.unwrap_or(false) {
            answer
                .headers_mut()
                .insert(CONNECTION, HeaderValue::from_static("close"));
        }
    }
}

/// Does the request wait for leave before it sends its body?
pub(crate) fn waits(headers: &HeaderMap) -> bool {
    headers.contains_key(hyper::header::EXPECT)
}

impl Body for Left {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        match &mut self.body {
            Some(body) => Pin::new(body).poll_frame(cx),
            None => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body.as_ref().map_or_else(SizeHint::default, Body::size_hint)
    }
}

impl Drop for Left {
    fn drop(&mut self) {
        *self.rest.0.lock().unwrap_or_else(PoisonError::into_inner) = self.body.take();
    }
}

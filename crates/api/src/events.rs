//! Live events: one stream for each listener, of (object, id, version), within their rights.

use std::borrow::Cow;
use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body as HttpBody;
use axum::http::{Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures::stream;
use peyvand_app::feed::{Changed, MOST_STREAMS, News};
use peyvand_app::{App, AppError, Caller};
use peyvand_core::Id;
use peyvand_i18n::keys;
use serde_json::json;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{broadcast, mpsc};

use crate::auth::Credential;
use crate::call::{Answer, Call, put};
use crate::problem::Problem;
use crate::table::{Access, Operation, Reply, operation};

/// A sign of life is sent this often.
const BEAT: Duration = Duration::from_secs(15);
/// Whether the listener is still let in is asked this often.
const CHECK: Duration = Duration::from_secs(2);

/// The operations of live events: one for programs, one for pages.
pub(crate) fn operations() -> Vec<Operation> {
    ["/api/v1/events", "/events"]
        .into_iter()
        .map(|path| Operation {
            tag: "events",
            headers: &["Last-Event-ID"],
            cookie: true,
            problems: &[429],
            ..operation(
                Method::GET,
                path,
                if path == "/events" {
                    "page-events"
                } else {
                    "events"
                },
                Access::Member,
                keys::API_EVENTS,
                Reply::Events,
                |c| Box::pin(events(c)),
            )
        })
        .collect()
}

async fn events(call: Call) -> Answer {
    let caller = call.caller()?.clone();
    let credential = call
        .credential
        .clone()
        .ok_or_else(|| Problem::new(StatusCode::UNAUTHORIZED, "unauthenticated"))?;
    let news = call.app.listen(caller.workspace.id);
    let missed = match call.headers.get("last-event-id").filter(|v| !v.is_empty()) {
        None => None,
        Some(v) => match v.to_str().ok().and_then(|v| v.parse::<Id>().ok()) {
            Some(id) => Some(
                call.app
                    .missed(caller.workspace.id, id)
                    .await
                    .map_err(call.fail())?,
            ),
            // Whoever has heard something that is none of ours may have missed anything.
            None => Some(News::TooMuch),
        },
    };
    let (send, receive) = mpsc::channel::<Bytes>(8);
    let person = caller.actor.id();
    if !call.app.feed.enter(person) {
        let most = json!(MOST_STREAMS);
        return Err(Problem::new(StatusCode::TOO_MANY_REQUESTS, "limit-reached").with("most", most));
    }
    let listener = Listener {
        app: Arc::clone(&call.app),
        person,
        caller,
        credential,
        send,
        told: HashMap::new(),
    };
    tokio::spawn(listener.run(news, missed));
    let body = stream::unfold(receive, |mut r| async {
        r.recv().await.map(|b| (Ok::<_, Infallible>(b), r))
    });
    let mut response = Response::new(HttpBody::from_stream(body)).into_response();
    put(&mut response, header::CONTENT_TYPE, "text/event-stream");
    put(
        &mut response,
        header::HeaderName::from_static("x-accel-buffering"),
        "no",
    );
    Ok(response)
}

/// One who listens.
struct Listener {
    app: Arc<App>,
    /// Whose stream it is.
    person: Id,
    caller: Caller,
    credential: Credential,
    send: mpsc::Sender<Bytes>,
    /// What was missed and is told at the beginning: version and event by record.
    told: HashMap<Id, (i64, Id)>,
}

/// Why a stream ends: the other end is gone, or the listener is no longer let in.
struct End;

impl Drop for Listener {
    fn drop(&mut self) {
        self.app.feed.leave(self.person);
    }
}

impl Listener {
    async fn run(mut self, mut news: broadcast::Receiver<Arc<News>>, missed: Option<News>) {
        // Ends with the listener, with their right to listen, or with the service.
        let _ = self.go_on(&mut news, missed).await;
    }

    async fn go_on(
        &mut self,
        news: &mut broadcast::Receiver<Arc<News>>,
        missed: Option<News>,
    ) -> Result<(), End> {
        self.say("retry: 2000\nevent: hello\ndata: {}\n\n".to_owned())
            .await?;
        if let Some(m) = missed {
            if let News::Changes(all) = &m {
                self.told = all.iter().map(|c| (c.id, (c.version, c.event))).collect();
            }
            self.tell(&m).await?;
        }
        let mut check = tokio::time::interval(CHECK);
        let mut beat = tokio::time::interval(BEAT);
        beat.reset();
        let gone = self.send.clone();
        loop {
            tokio::select! {
                () = gone.closed() => return Err(End),
                heard = news.recv() => match heard {
                    Ok(n) => {
                        let fresh = self.unheard(&n);
                        self.tell(&fresh).await?;
                    }
                    Err(RecvError::Lagged(_)) => self.tell(&News::TooMuch).await?,
                    Err(RecvError::Closed) => return Ok(()),
                },
                _ = check.tick() => self.check().await?,
                _ = beat.tick() => {
                    // What was missed has long ceased to be news.
                    self.told = HashMap::new();
                    self.say(": still here\n\n".to_owned()).await?;
                }
            }
        }
    }

    /// What is news to a listener who was told first what they had missed: the newest of it may be told to all just now.
    fn unheard<'n>(&self, news: &'n News) -> Cow<'n, News> {
        match news {
            News::Changes(all) if !self.told.is_empty() => {
                let heard = |c: &&Changed| {
                    let told = self.told.get(&c.id);
                    told.is_some_and(|(version, event)| c.version <= *version && c.event <= *event)
                };
                let fresh = all.iter().filter(|c| !heard(c)).cloned().collect();
                Cow::Owned(News::Changes(fresh))
            }
            news => Cow::Borrowed(news),
        }
    }

    async fn say(&self, text: String) -> Result<(), End> {
        self.send.send(text.into()).await.map_err(|_| End)
    }

    /// Is the listener still let in, and with which rights? A database that does not answer says nothing about that.
    async fn check(&mut self) -> Result<(), End> {
        let app = &self.app;
        let holds = match &self.credential {
            Credential::Token(t, _) => app.token_holds(&self.caller, t).await,
            Credential::Session(s) => app.session_holds(&self.caller, s).await,
        };
        if matches!(holds, Ok(false)) {
            return Err(End);
        }
        match self.credential.caller(app).await {
            Ok(caller) => {
                self.caller = caller;
                Ok(())
            }
            Err(AppError::Unauthenticated) => Err(End),
            Err(_) => Ok(()),
        }
    }

    async fn tell(&mut self, news: &News) -> Result<(), End> {
        let changes = match news {
            News::TooMuch => return self.say("event: reset\ndata: {}\n\n".to_owned()).await,
            News::Changes(c) => c,
        };
        match self.app.seen_by(&self.caller, changes).await {
            Ok(seen) if seen.is_empty() => Ok(()),
            Ok(seen) => self.say(seen.iter().map(written).collect()).await,
            Err(e) => {
                tracing::warn!("telling changes: {e}");
                self.say("event: reset\ndata: {}\n\n".to_owned()).await
            }
        }
    }
}

fn written(c: &Changed) -> String {
    let data = json!({"object": c.object, "id": c.id.to_string(), "version": c.version});
    format!("event: change\nid: {}\ndata: {data}\n\n", c.event)
}

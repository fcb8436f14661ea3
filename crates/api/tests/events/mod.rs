//! Live events over a socket: who may see a change hears of it, nobody else does.

use std::time::Duration;

use serde_json::json;
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpStream;

use crate::world::World;

/// An open stream and what has been heard on it.
struct Ear {
    stream: TcpStream,
    heard: String,
}

impl Ear {
    async fn open(w: &World, token: &str, headers: &str) -> Self {
        Self {
            stream: w.open(token, "/api/v1/events", headers).await,
            heard: String::new(),
        }
    }

    /// Listens until the words are heard; `false` when they are not within the time or the stream ends.
    async fn hears(&mut self, words: &str, within: Duration) -> bool {
        let listen = async {
            let mut buffer = [0; 4096];
            while !self.heard.contains(words) {
                match self.stream.read(&mut buffer).await {
                    Ok(n) if n > 0 => self.heard.push_str(&String::from_utf8_lossy(&buffer[..n])),
                    _ => return false,
                }
            }
            true
        };
        tokio::time::timeout(within, listen).await.unwrap_or(false)
    }

    /// Listens until the stream ends.
    async fn ends(&mut self, within: Duration) -> bool {
        let listen = async {
            let mut buffer = [0; 4096];
            while let Ok(n) = self.stream.read(&mut buffer).await {
                if n == 0 || buffer[..n].ends_with(b"0\r\n\r\n") {
                    return;
                }
            }
        };
        tokio::time::timeout(within, listen).await.is_ok()
    }
}

const SECOND: Duration = Duration::from_secs(1);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_is_told_to_those_who_may_see_it() {
    let w = World::new().await;
    let seller = w.person("seller").await;
    let admin = w.token(&["*"]).await;
    let mut first = Ear::open(&w, &admin, "").await;
    let mut second = Ear::open(&w, &seller, "").await;
    let mut stranger = Ear::open(&w, &w.other, "").await;
    for ear in [&mut first, &mut second, &mut stranger] {
        assert!(ear.hears("event: hello", SECOND).await, "{}", ear.heard);
    }
    let made = w.call("POST", "/contacts", &[], br#"{"name":"x"}"#).await;
    let id = made.json["id"].as_str().expect("an id").to_owned();
    assert!(first.hears(&id, SECOND).await, "{}", first.heard);
    // The control: the seller hears of their own record, on the same stream, after the other's.
    let own = w
        .call_as(&seller, "POST", "/contacts", &[], br#"{"name":"y"}"#)
        .await;
    let own_id = own.json["id"].as_str().expect("an id").to_owned();
    assert!(second.hears(&own_id, SECOND).await, "{}", second.heard);
    assert!(!second.heard.contains(&id), "{}", second.heard);
    assert!(
        !stranger.hears("event: change", 2 * SECOND).await,
        "{}",
        stranger.heard
    );
    // Many changes of one record between two looks are told with the newest version.
    for city in ["a", "b", "c"] {
        let body = format!("{{\"city\":\"{city}\"}}");
        w.call("PATCH", &format!("/contacts/{id}"), &[], body.as_bytes())
            .await;
    }
    assert!(first.hears("\"version\":4}", 2 * SECOND).await, "{}", first.heard);
    // Into the recycle bin: told too.
    w.call("DELETE", &format!("/contacts/{id}"), &[], b"").await;
    assert!(first.hears("\"version\":5}", 2 * SECOND).await, "{}", first.heard);
    assert!(!second.heard.contains(&id));

    // Cut off and come again: what was missed follows.
    let last = first
        .heard
        .lines()
        .find_map(|l| l.strip_prefix("id: "))
        .expect("an event")
        .to_owned();
    drop(first);
    let mut again = Ear::open(&w, &admin, &format!("Last-Event-ID: {last}\r\n")).await;
    assert!(again.hears("\"version\":5}", 2 * SECOND).await, "{}", again.heard);
    assert!(!again.heard.contains("event: reset"), "{}", again.heard);
    // What is no event's id may have missed anything, and is told so.
    let mut lost = Ear::open(&w, &admin, "Last-Event-ID: zzz\r\n").await;
    assert!(lost.hears("event: reset", 2 * SECOND).await, "{}", lost.heard);
}

/// What was missed is told once, though all others are told of it just then.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_comes_again_is_told_each_change_once() {
    let w = World::new().await;
    let admin = w.token(&["*"]).await;
    let mut stays = Ear::open(&w, &admin, "").await;
    assert!(stays.hears("event: hello", SECOND).await);
    w.call("POST", "/contacts", &[], br#"{"name":"first"}"#).await;
    assert!(stays.hears("id: ", SECOND).await, "{}", stays.heard);
    let mut ids = stays.heard.lines().filter_map(|l| l.strip_prefix("id: "));
    let last = ids.next().expect("an event").to_owned();
    for n in 0..5 {
        let body = format!("{{\"name\":\"missed {n}\"}}");
        let made = w.call("POST", "/contacts", &[], body.as_bytes()).await;
        let id = made.json["id"].as_str().expect("an id").to_owned();
        let mut again = Ear::open(&w, &admin, &format!("Last-Event-ID: {last}\r\n")).await;
        assert!(again.hears(&id, 2 * SECOND).await, "{}", again.heard);
        let changed = format!("\"id\":\"{id}\",\"version\":2");
        // Longer than it takes to be told with all others.
        assert!(!again.hears(&changed, SECOND).await, "{}", again.heard);
        assert_eq!(again.heard.matches(&id).count(), 1, "{n}: {}", again.heard);
        // What comes later is heard as well.
        w.call("PATCH", &format!("/contacts/{id}"), &[], br#"{"city":"Qom"}"#)
            .await;
        assert!(again.hears(&changed, 2 * SECOND).await, "{}", again.heard);
        drop(again);
        // The stream that follows begins behind this one's news.
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
}

/// Of two changes the one whose event was made first may be committed last, after a listener who heard the other was cut off.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_that_was_committed_late_is_not_lost() {
    let w = World::new().await;
    let admin = w.token(&["*"]).await;
    let mut stays = Ear::open(&w, &admin, "").await;
    assert!(stays.hears("event: hello", SECOND).await);
    let late = w.make("contacts", &json!({"name": "committed late"})).await;
    assert!(stays.hears(&late, SECOND).await, "{}", stays.heard);
    let early = w.make("contacts", &json!({"name": "heard at once"})).await;
    assert!(stays.hears(&early, SECOND).await, "{}", stays.heard);
    let last = stays
        .heard
        .lines()
        .filter_map(|l| l.strip_prefix("id: "))
        .next_back();
    let last = last.expect("an event").to_owned();
    // For a listener who had heard only the second, the first has come meanwhile, with an id below.
    let mut again = Ear::open(&w, &admin, &format!("Last-Event-ID: {last}\r\n")).await;
    assert!(again.hears(&late, 2 * SECOND).await, "{}", again.heard);
    assert!(
        !again.heard.contains(&early),
        "what was heard last is not told again: {}",
        again.heard
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_revoked_token_hears_nothing_more() {
    let w = World::new().await;
    let token = w.token(&["*"]).await;
    let mut revoked = Ear::open(&w, &token, "").await;
    let mut kept = Ear::open(&w, &w.token(&["*"]).await, "").await;
    assert!(revoked.hears("hello", SECOND).await && kept.hears("hello", SECOND).await);
    let list = w.call_as(&token, "GET", "/tokens", &[], b"").await;
    let mine = list.json["data"].as_array().expect("tokens").iter();
    let id = mine
        .filter_map(|t| t["id"].as_str())
        .nth_back(1)
        .expect("the one before the last")
        .to_owned();
    let a = w
        .call_as(&w.other, "DELETE", &format!("/tokens/{id}"), &[], b"")
        .await;
    assert_eq!(a.status, 404, "another workspace's");
    let a = w.call("DELETE", &format!("/tokens/{id}"), &[], b"").await;
    assert_eq!(a.status, 204);
    assert!(revoked.ends(5 * SECOND).await);
    assert!(!kept.ends(SECOND).await, "the control was closed too");
}

/// One person listens so often and no oftener; another one is not kept from it, and who leaves makes room.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_person_has_so_many_streams() {
    use peyvand_app::feed::MOST_STREAMS;
    let w = World::new().await;
    let mine = w.person("seller").await;
    let mut ears = Vec::new();
    for _ in 0..MOST_STREAMS {
        let mut ear = Ear::open(&w, &mine, "").await;
        assert!(ear.hears("event: hello", 5 * SECOND).await, "{}", ear.heard);
        ears.push(ear);
    }
    let more = w.call_as(&mine, "GET", "/events", &[], b"").await;
    assert_eq!(
        (more.status, more.json["code"].as_str()),
        (429, Some("limit-reached"))
    );
    assert_eq!(more.header("retry-after"), Some("1"));
    let mut other = Ear::open(&w, &w.token(&["*"]).await, "").await;
    assert!(other.hears("event: hello", 5 * SECOND).await, "{}", other.heard);
    drop(ears);
    let mut room = false;
    for _ in 0..100 {
        let mut ear = Ear::open(&w, &mine, "").await;
        room = ear.hears("event: hello", SECOND).await;
        if room {
            break;
        }
        tokio::time::sleep(SECOND / 20).await;
    }
    assert!(room, "who left made no room");
}

//! `Bridge`: passes messages between the client and the server.
//!
//! Each request is a task of its own, so a slow one does not hold up the others. Notifications and
//! responses are sent one after the other, in the client's order.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use hyper::HeaderMap;
use hyper::body::Bytes;
use hyper::header::HeaderValue;
use serde::Deserialize;
use tokio::sync::mpsc::{Receiver, Sender};
use tokio::sync::{Mutex, Notify};
use tokio::task::{AbortHandle, JoinSet, spawn_local};
use tokio::time::{sleep, timeout};

use crate::commands::mcp::LARGEST;
use crate::commands::mcp::answer::{Answer, Content, Cursor, Fault, NO_ANSWER, Stream};
use crate::commands::mcp::message::{self, Id, Message};
use crate::commands::mcp::metadata::{LIST, Metadata};
use crate::commands::mcp::server::Server;
use crate::commands::mcp::session::{Line, Session};
use crate::commands::mcp::stdio::{Input, tell};

/// How many requests may wait for their answers at a time.
const MOST_REQUESTS: usize = 256;
/// How often a broken stream is looked for before its request fails.
const ATTEMPTS: u32 = 6;
/// How long a server may take to accept a notification, or to begin a session again.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long a stream may stay open after its answer. Most servers end it at once, and then its
/// connection is used again.
const AFTERWARDS: Duration = Duration::from_secs(5);
/// How long requests may run after the client is gone, and how long the end of the session may take.
/// The official SDKs kill a program two seconds after they closed its input.
const LAST_ANSWERS: Duration = Duration::from_secs(1);
const FAREWELL: Duration = Duration::from_millis(500);

const BROKEN: &str = "the connection broke before the answer";

pub(super) struct Bridge {
    server: Server,
    output: Sender<String>,
    session: RefCell<Option<Session>>,
    /// How many sessions there were.
    sessions: Cell<u64>,
    metadata: RefCell<Metadata>,
    running: RefCell<HashMap<Id, Running>>,
    /// Held while a session begins again. All requests that need it wait.
    beginning: Mutex<()>,
    end: Arc<Notify>,
}

/// A request that waits for its answer.
struct Running {
    is_stateless: bool,
    /// Whether only the client ends it.
    is_endless: bool,
    task: AbortHandle,
}

/// What the answer to `initialize` says of the protocol version.
#[derive(Deserialize)]
struct Agreed {
    #[serde(rename = "protocolVersion")]
    version: String,
}

impl Bridge {
    pub(super) fn new(server: Server, output: Sender<String>) -> Rc<Self> {
        Rc::new(Self {
            server,
            output,
            session: RefCell::default(),
            sessions: Cell::default(),
            metadata: RefCell::default(),
            running: RefCell::default(),
            beginning: Mutex::default(),
            end: Arc::default(),
        })
    }

    /// Ends the bridge when it is notified.
    pub(super) fn end(&self) -> Arc<Notify> {
        Arc::clone(&self.end)
    }

    /// Passes messages until the client is gone or the end is asked for. Then ends the session.
    pub(super) async fn run(self: Rc<Self>, input: Receiver<Input>) {
        let passing = spawn_local(Rc::clone(&self).pass_lines(input));
        self.end.notified().await;
        passing.abort();
        if self.has_id() {
            let headers = self.session.borrow().as_ref().map(Session::headers).unwrap_or_default();
            let _ = timeout(FAREWELL, self.server.delete(headers)).await;
        }
    }

    /// Passes on the lines of the client. After the last, requests may still be answered for a moment.
    async fn pass_lines(self: Rc<Self>, mut input: Receiver<Input>) {
        let mut tasks = JoinSet::new();
        loop {
            match input.recv().await {
                Some(Input::Line(line)) => self.take(line.into(), &mut tasks).await,
                Some(Input::TooLong) => {
                    self.refuse(&format!("the message has more than {} MiB", LARGEST >> 20)).await;
                }
                Some(Input::End) | None => break,
            }
            while tasks.try_join_next().is_some() {}
        }
        self.running.borrow().values().filter(|running| running.is_endless).for_each(|running| running.task.abort());
        let _ = timeout(LAST_ANSWERS, async { while tasks.join_next().await.is_some() {} }).await;
        self.end.notify_one();
    }

    /// Passes on a line of the client.
    async fn take(self: &Rc<Self>, text: Bytes, tasks: &mut JoinSet<()>) {
        let Ok(line) = Line::read(&text, &self.metadata.borrow()) else {
            return self.refuse("the line is not a message of JSON-RPC 2.0").await;
        };
        if let Some(id) = &line.cancels {
            self.cancel(id, &line).await;
        } else if line.requests.is_empty() {
            self.notify(&line).await;
        } else if self.running.borrow().len() >= MOST_REQUESTS {
            let text = format!("{MOST_REQUESTS} requests wait for their answers already; send this one again later");
            for id in &line.requests {
                self.write(message::failure(id, &text)).await;
            }
        } else {
            let ids = line.requests.clone();
            let (is_stateless, is_endless) = (line.is_stateless(), line.method == "subscriptions/listen");
            let task = tasks.spawn_local(Rc::clone(self).answer(line));
            for id in ids {
                let running = Running { is_stateless, is_endless, task: task.clone() };
                if let Some(earlier) = self.running.borrow_mut().insert(id, running) {
                    earlier.task.abort();
                }
            }
        }
    }

    /// Sends what needs no answer.
    async fn notify(self: &Rc<Self>, line: &Line) {
        let sent = timeout(PATIENCE, self.post(line)).await.unwrap_or_else(|_| Err(Fault::from(NO_ANSWER)));
        match sent.map(|answer| answer.content) {
            Ok(Content::Refusal(refusal)) => {
                tell(&format!("a message was not accepted: {}", Fault::from(refusal).text));
            }
            Ok(_) if line.is_initialized() => self.listen(line.clone()),
            Ok(_) => {}
            Err(fault) => tell(&format!("a message was not sent: {}", fault.text)),
        }
    }

    /// Cancels a request. Without sessions, the end of its connection says so to the server; with
    /// sessions, only the notification does.
    async fn cancel(self: &Rc<Self>, id: &Id, line: &Line) {
        let is_stateless = self.running.borrow().get(id).map(|running| running.is_stateless);
        if !is_stateless.unwrap_or_else(|| self.session.borrow().is_none()) {
            self.notify(line).await;
        }
        if let Some(running) = self.running.borrow_mut().remove(id) {
            running.task.abort();
        }
    }

    /// Sends a request, or a batch with requests, and passes on its answer. If there is none, the
    /// client gets an error.
    async fn answer(self: Rc<Self>, line: Line) {
        let mut waiting = line.requests.clone();
        let fault = match self.exchange(&line, &mut waiting).await {
            Ok(()) => Fault::from(NO_ANSWER),
            Err(fault) => fault,
        };
        for id in &waiting {
            let text = match &fault.error {
                Some(error) => message::reply(id, error),
                None => message::failure(id, &fault.text),
            };
            self.forget(id);
            self.write(text).await;
        }
    }

    async fn exchange(self: &Rc<Self>, line: &Line, waiting: &mut Vec<Id>) -> Result<(), Fault> {
        let mut stream = match self.post(line).await?.content {
            Content::Accepted => return Ok(()),
            Content::Refusal(refusal) => return Err(refusal.into()),
            Content::Message(text) => return self.pass(text, line, waiting).await,
            Content::Stream(stream) => stream,
        };
        loop {
            while let Some(text) = stream.next().await? {
                self.pass(text, line, waiting).await?;
                if waiting.is_empty() {
                    let _ = timeout(AFTERWARDS, self.pass_all(&mut stream, line)).await;
                    return Ok(());
                }
            }
            stream = self.resume(stream.cursor, line).await?;
        }
    }

    /// Sends a line. If its session is gone at the server, begins it again and sends the line in it:
    /// the server has not taken it.
    async fn post(self: &Rc<Self>, line: &Line) -> Result<Answer, Fault> {
        if line.is_initialize() {
            *self.session.borrow_mut() = None;
        }
        let number = self.number();
        let answer = self.server.post(line.text.clone(), self.headers(line)).await?;
        if line.is_initialize() {
            if !matches!(answer.content, Content::Refusal(_)) {
                self.begin(line, answer.session.clone());
            }
            return Ok(answer);
        }
        match &answer.content {
            Content::Refusal(refusal) if !line.is_stateless() && self.has_id() && refusal.is_session_gone() => {
                // A task of its own: the client may cancel the request, and the session must not stay half begun.
                let beginning = spawn_local(Rc::clone(self).begin_again(number));
                beginning.await.unwrap_or_else(|_| Err(Fault::from(NO_ANSWER)))?;
                self.server.post(line.text.clone(), self.headers(line)).await
            }
            _ => Ok(answer),
        }
    }

    /// Continues a broken stream.
    async fn resume(&self, cursor: Cursor, line: &Line) -> Result<Stream, Fault> {
        if line.is_stateless() || cursor.last.is_none() {
            return Err(Fault::from(BROKEN));
        }
        let mut fault = Fault::from(BROKEN);
        for attempt in 0..ATTEMPTS {
            sleep(cursor.delay(attempt)).await;
            fault = match self.server.get(cursor.clone(), self.headers(line)).await.map(|answer| answer.content) {
                Ok(Content::Stream(stream)) => return Ok(stream),
                Ok(Content::Refusal(refusal)) if refusal.is_session_gone() => {
                    return Err(Fault::from("the session ended before the answer"));
                }
                Ok(Content::Refusal(refusal)) if refusal.is_passing() => refusal.into(),
                Ok(Content::Refusal(refusal)) => return Err(refusal.into()),
                Ok(_) => return Err(Fault::from(BROKEN)),
                Err(fault) => fault,
            };
        }
        Err(fault)
    }

    /// Passes a message of the server on to the client. `waiting` loses the requests that it answers.
    async fn pass(&self, text: String, line: &Line, waiting: &mut Vec<Id>) -> Result<(), Fault> {
        let mut text = message::one_line(text);
        let messages = message::read(&text).map_err(|_| Fault::from("the server sent something that is no message"))?;
        // A server that could not read the id answers without one.
        if let ([only], [id]) = (&messages[..], &waiting[..])
            && let (None, None, Some(error)) = (only.request(), only.response(), only.error)
        {
            text = message::reply(id, error.get());
            let id = waiting.remove(0);
            self.forget(&id);
            self.write(text).await;
            return Ok(());
        }
        let mut learnt = None;
        for message in &messages {
            let Some(at) = message.response().and_then(|id| waiting.iter().position(|other| *other == id)) else {
                continue;
            };
            self.forget(&waiting.remove(at));
            if line.is_initialize() {
                self.agree(message);
            } else if line.is_stateless() && line.method == LIST {
                learnt = self.metadata.borrow_mut().learn(&text);
            }
        }
        if let Some((rest, refused)) = learnt {
            tell(&format!(
                "left out, because x-mcp-header in their schemas is against the rules: {}",
                refused.join(", ")
            ));
            text = rest;
        }
        self.write(text).await;
        Ok(())
    }

    /// The session of an answer to `initialize` begins.
    fn begin(&self, initialize: &Line, id: Option<HeaderValue>) {
        self.sessions.set(self.sessions.get() + 1);
        *self.session.borrow_mut() = Some(Session::new(initialize, id, self.sessions.get()));
    }

    /// Takes the version from the answer to `initialize`. If that is an error, no session began.
    fn agree(&self, answer: &Message<'_>) {
        let agreed = answer.result.and_then(|result| serde_json::from_str(result.get()).ok());
        let mut session = self.session.borrow_mut();
        match agreed {
            Some(Agreed { version }) => session.iter_mut().for_each(|session| session.version = Some(version.clone())),
            None => *session = None,
        }
    }

    /// Begins the session with this number again, as the client began it, unless that is done already.
    async fn begin_again(self: Rc<Self>, number: u64) -> Result<(), Fault> {
        let _guard = self.beginning.lock().await;
        let Some((initialize, initialized, version)) = self.session.borrow().as_ref().map(Session::beginning) else {
            return Err(Fault::from("the client began no session"));
        };
        if self.number() != number {
            return Ok(());
        }
        let answer = timeout(PATIENCE, self.server.post(initialize.text.clone(), HeaderMap::new())).await;
        let answer = answer.unwrap_or_else(|_| Err(Fault::from(NO_ANSWER)))?;
        let session = answer.session.clone();
        // The client had its answer, and gets no second one.
        let text =
            timeout(PATIENCE, answer.content.response()).await.unwrap_or_else(|_| Err(Fault::from(NO_ANSWER)))?;
        self.begin(&initialize, session);
        for message in message::read(&text).unwrap_or_default() {
            self.agree(&message);
        }
        if self.session.borrow().as_ref().and_then(|session| session.version.clone()) != version {
            *self.session.borrow_mut() = None;
            return Err(Fault::from("the server is back with another protocol version; connect again"));
        }
        if let Some(line) = initialized {
            self.server.post(line.text.clone(), self.headers(&line)).await?;
            self.listen(line);
        }
        tell("the server had ended the session; a new one began");
        Ok(())
    }

    /// Opens the stream of what the server sends unasked, for the session that this line completes.
    fn listen(self: &Rc<Self>, initialized: Line) {
        let listening = spawn_local(Rc::clone(self).keep_listening(self.number(), initialized.clone()));
        if let Some(session) = &mut *self.session.borrow_mut() {
            session.listens(initialized, listening.abort_handle());
        }
    }

    /// Keeps that stream open as long as the session stands. Servers need not have one.
    async fn keep_listening(self: Rc<Self>, number: u64, line: Line) {
        let (mut cursor, mut failures, mut has_listened) = (Cursor::default(), 0, false);
        loop {
            match self.server.get(cursor.clone(), self.headers(&line)).await.map(|answer| answer.content) {
                Ok(Content::Stream(mut stream)) => {
                    if let Err(fault) = self.pass_all(&mut stream, &line).await {
                        return tell(&format!("no longer listening to the server: {}", fault.text));
                    }
                    (cursor, failures, has_listened) = (stream.cursor, 0, true);
                }
                // Of a session that never had this stream, it may mean that the server has no such streams: then
                // each new session would end here, too.
                Ok(Content::Refusal(refusal)) if has_listened && self.has_id() && refusal.is_session_gone() => {
                    // This task ends with the session.
                    spawn_local(async move {
                        if let Err(fault) = self.begin_again(number).await {
                            tell(&format!("the session at the server ended: {}", fault.text));
                        }
                    });
                    return;
                }
                Ok(Content::Refusal(refusal)) if !refusal.is_passing() => return,
                Ok(Content::Accepted | Content::Message(_)) => return,
                Ok(Content::Refusal(_)) | Err(_) => failures += 1,
            }
            sleep(cursor.delay(failures)).await;
        }
    }

    async fn pass_all(&self, stream: &mut Stream, line: &Line) -> Result<(), Fault> {
        while let Some(text) = stream.next().await? {
            self.pass(text, line, &mut Vec::new()).await?;
        }
        Ok(())
    }

    /// The headers of a line: its own, or those of its session. A session begins without any.
    fn headers(&self, line: &Line) -> HeaderMap {
        match (&line.metadata, &*self.session.borrow()) {
            (Some(metadata), _) => metadata.clone(),
            (None, Some(session)) if !line.is_initialize() => session.headers(),
            _ => HeaderMap::new(),
        }
    }

    /// The number of the session; 0 before the first.
    fn number(&self) -> u64 {
        self.session.borrow().as_ref().map_or(0, |session| session.number)
    }

    fn has_id(&self) -> bool {
        self.session.borrow().as_ref().is_some_and(|session| session.id.is_some())
    }

    fn forget(&self, id: &Id) {
        self.running.borrow_mut().remove(id);
    }

    async fn refuse(&self, text: &str) {
        self.write(message::refusal(text)).await;
    }

    /// Waits while the client reads slowly. If it is gone, the input ends, too.
    async fn write(&self, message: String) {
        let _ = self.output.send(message).await;
    }
}

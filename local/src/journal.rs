//! `Journal`: the one writer of events, and the snapshot that requests read.
//!
//! A change is judged against the snapshot, stored, and only then seen and acknowledged. A thread does
//! that, because a store may block. Changes that arrive together are stored together.

use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use tokio::sync::{oneshot, watch};

use crate::event::{Draft, Event};
use crate::problem::Problem;
use crate::snapshot::{Damaged, Snapshot};
use crate::store::{Store, StoreError};

/// So many changes are stored at once.
const TOGETHER: usize = 64;

/// How often a change is judged again because another process was faster.
const TRIES: usize = 16;

/// How often the writer looks for lines of other processes. They send notices, but one can be lost.
const POLL: Duration = Duration::from_millis(500);

/// How old a snapshot may be if other processes change the store, too. What one of them disables is
/// accepted here for so long at most.
const AGE: Duration = Duration::from_secs(1);

/// How much longer requests wait for a snapshot. Then they are refused, until the store answers again.
const PATIENCE: Duration = Duration::from_secs(5);

/// So many lines are read at once.
const PAGE: usize = 1000;

/// Decides what a change means for a snapshot. It is asked again if the snapshot was not the last one.
pub(crate) type Judge = Box<dyn FnMut(&Snapshot) -> Result<Vec<Draft>, Problem> + Send>;

/// The handle of the writer. When the last one is dropped, the writer ends.
#[derive(Clone)]
pub(crate) struct Journal {
    snapshot: Arc<ArcSwap<Snapshot>>,
    /// Not bounded: each connection waits for one change at most, and refusals are rate-limited.
    orders: Arc<Sender<Order>>,
    is_shared: bool,
    /// When the writer began to look for what is in the snapshot.
    looked: watch::Receiver<Instant>,
}

enum Order {
    Write {
        judge: Judge,
        reply: Option<Reply<Arc<Snapshot>>>,
    },
    Read {
        after: u64,
        reply: Reply<Vec<String>>,
    },
    /// Another process may have added lines.
    Look,
}

type Reply<T> = oneshot::Sender<Result<T, Problem>>;

impl Journal {
    /// Loads the store and starts the writer. `tell` gets a line for people whenever the store fails.
    pub(crate) fn open(mut store: Box<dyn Store>, tell: impl Fn(&str) + Send + 'static) -> Result<Self, OpenError> {
        let (orders, waiting) = channel();
        let orders = Arc::new(orders);
        // The store must not keep the channel open: its end is the end of the writer.
        let look = Arc::downgrade(&orders);
        store.on_append(Box::new(move || drop(look.upgrade().map(|orders| orders.send(Order::Look)))));
        let snapshot = Arc::new(ArcSwap::from_pointee(Snapshot::default()));
        let (looked, looks) = watch::channel(Instant::now());
        let is_shared = store.is_shared();
        let mut writer = Writer {
            store,
            snapshot: Arc::clone(&snapshot),
            tell: Box::new(tell),
            tried: Instant::now(),
            looked,
            is_lost: false,
        };
        writer.look()?;
        thread::Builder::new()
            .name("journal".to_owned())
            .spawn(move || writer.run(&waiting))
            .map_err(OpenError::Thread)?;
        Ok(Self { snapshot, orders, is_shared, looked: looks })
    }

    /// What all events that are stored say.
    pub(crate) fn snapshot(&self) -> Arc<Snapshot> {
        self.snapshot.load_full()
    }

    /// Waits until the snapshot has all that was stored a second ago, by any process.
    ///
    /// Errors: `Stale` if the store cannot be asked, so that what is in the snapshot may not be true any more.
    pub(crate) async fn fresh(&self) -> Result<(), Problem> {
        let last = *self.looked.borrow();
        if !self.is_shared || last.elapsed() < AGE {
            return Ok(());
        }
        let mut looked = self.looked.clone();
        let fresh = looked.wait_for(|looked| looked.elapsed() < AGE);
        match tokio::time::timeout_at((last + AGE + PATIENCE).into(), fresh).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(Problem::Stale),
        }
    }

    /// Makes a change. When it returns, the change is stored, and every later request sees it.
    pub(crate) async fn write(
        &self,
        judge: impl FnMut(&Snapshot) -> Result<Vec<Draft>, Problem> + Send + 'static,
    ) -> Result<Arc<Snapshot>, Problem> {
        self.ask(|reply| Order::Write { judge: Box::new(judge), reply: Some(reply) }).await
    }

    /// Makes a change that nobody waits for.
    pub(crate) fn note(&self, draft: Draft) {
        let judge = Box::new(move |_: &Snapshot| Ok(vec![draft.clone()]));
        let _ = self.orders.send(Order::Write { judge, reply: None });
    }

    /// The lines after the first `after`, some at a time.
    pub(crate) async fn lines(&self, after: u64) -> Result<Vec<String>, Problem> {
        self.ask(|reply| Order::Read { after, reply }).await
    }

    /// Waits until the store is closed. That is when the last handle is dropped.
    pub(crate) fn closed(&self) -> impl Future<Output = ()> + use<> {
        let mut looked = self.looked.clone();
        async move { while looked.changed().await.is_ok() {} }
    }

    async fn ask<T>(&self, order: impl FnOnce(Reply<T>) -> Order) -> Result<T, Problem> {
        let (reply, answer) = oneshot::channel();
        self.orders.send(order(reply)).map_err(|_| Problem::Internal)?;
        answer.await.unwrap_or(Err(Problem::Internal))
    }
}

/// Why the store cannot be used from the start.
#[derive(Debug)]
pub(crate) enum OpenError {
    Store(StoreError),
    Damaged(Damaged),
    Thread(io::Error),
    /// The first event cannot be stored.
    Write,
}

struct Writer {
    /// The first to be dropped: the end of `looked` tells that it is closed.
    store: Box<dyn Store>,
    snapshot: Arc<ArcSwap<Snapshot>>,
    tell: Box<dyn Fn(&str) + Send>,
    /// When the store was last asked for lines of others.
    tried: Instant,
    /// The same, if it answered.
    looked: watch::Sender<Instant>,
    /// The store did not answer.
    is_lost: bool,
}

impl Writer {
    fn run(mut self, orders: &Receiver<Order>) {
        loop {
            let first = if self.store.is_shared() {
                orders.recv_timeout(POLL.saturating_sub(self.tried.elapsed()))
            } else {
                orders.recv().map_err(|_| RecvTimeoutError::Disconnected)
            };
            match first {
                Ok(first) => self.carry_out(first, orders),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
            // Orders that come all the time must not keep the writer from this.
            if self.store.is_shared() && self.tried.elapsed() >= POLL {
                self.look_again();
            }
        }
    }

    /// Carries out an order, and those that came with it.
    fn carry_out(&mut self, first: Order, orders: &Receiver<Order>) {
        let mut writes = Vec::new();
        let mut has_notice = false;
        for order in std::iter::once(first).chain(orders.try_iter().take(TOGETHER)) {
            match order {
                Order::Write { judge, reply } => writes.push((judge, reply)),
                Order::Read { after, reply } => {
                    let lines = self.store.load(after, PAGE).map_err(|error| self.failed(&error));
                    let _ = reply.send(lines);
                }
                Order::Look => has_notice = true,
            }
        }
        if has_notice {
            self.look_again();
        }
        if !writes.is_empty() {
            self.write(writes);
        }
    }

    fn write(&mut self, mut writes: Vec<(Judge, Option<Reply<Arc<Snapshot>>>)>) {
        for _ in 0..TRIES {
            let before = self.snapshot.load_full();
            let mut next = Snapshot::clone(&before);
            let mut lines = Vec::new();
            let verdicts: Vec<_> = writes.iter_mut().map(|(judge, _)| judged(judge, &mut next, &mut lines)).collect();
            let began = Instant::now();
            let stored = if lines.is_empty() { Ok(()) } else { self.store.append(before.sequence, &lines) };
            let verdict = match stored {
                Ok(()) => {
                    let next = Arc::new(next);
                    self.snapshot.store(Arc::clone(&next));
                    if !lines.is_empty() {
                        // Nobody else had added lines.
                        self.has_looked(began);
                    }
                    Ok(next)
                }
                Err(StoreError::Overtaken) => {
                    self.look_again();
                    continue;
                }
                Err(error) => Err(self.failed(&error)),
            };
            for ((_, reply), judged) in writes.into_iter().zip(verdicts) {
                reply.map(|reply| reply.send(judged.and(verdict.clone())));
            }
            return;
        }
        let problem = self.failed(&StoreError::Overtaken);
        for (_, reply) in writes {
            reply.map(|reply| reply.send(Err(problem)));
        }
    }

    /// Adds the lines of the store that the snapshot does not have.
    fn look(&mut self) -> Result<(), OpenError> {
        let began = Instant::now();
        self.tried = began;
        let before = self.snapshot.load_full();
        let mut next = Snapshot::clone(&before);
        loop {
            let lines = self.store.load(next.sequence, PAGE).map_err(OpenError::Store)?;
            for line in &lines {
                next.add(line).map_err(OpenError::Damaged)?;
            }
            if lines.len() < PAGE {
                break;
            }
        }
        if next.sequence != before.sequence {
            self.snapshot.store(Arc::new(next));
        }
        self.has_looked(began);
        Ok(())
    }

    /// The snapshot has all that was stored at this time.
    fn has_looked(&mut self, began: Instant) {
        self.tried = began;
        self.looked.send_replace(began);
    }

    /// The same while the server runs: if it fails, the last snapshot stays.
    fn look_again(&mut self) {
        let looked = self.look();
        match &looked {
            Err(error) if !self.is_lost => (self.tell)(&error.to_string()),
            Ok(()) if self.is_lost => (self.tell)("the store can be used again"),
            _ => {}
        }
        self.is_lost = looked.is_err();
    }

    fn failed(&self, error: &StoreError) -> Problem {
        (self.tell)(&error.to_string());
        match error {
            StoreError::Unknown(_) => Problem::StoreUnknown,
            StoreError::Overtaken | StoreError::Failed(_) => Problem::Store,
        }
    }
}

/// Judges one change, and adds its events to the snapshot and the lines, all or none.
fn judged(judge: &mut Judge, next: &mut Snapshot, lines: &mut Vec<String>) -> Result<(), Problem> {
    let drafts = judge(next)?;
    let (mut changed, from) = (next.clone(), lines.len());
    for draft in drafts {
        let line = Event::line(&changed.event(draft));
        if changed.add(&line).is_err() {
            lines.truncate(from);
            return Err(Problem::Internal);
        }
        lines.push(line);
    }
    *next = changed;
    Ok(())
}

impl std::fmt::Display for OpenError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Store(error) => write!(f, "the store cannot be used: {error}"),
            Self::Damaged(damaged) => write!(
                f,
                "the store is damaged or of a later version: event {} does not follow from those before it",
                damaged.sequence
            ),
            Self::Write => f.write_str("the store cannot be written to"),
            Self::Thread(error) => write!(f, "the writer cannot be started: {error}"),
        }
    }
}

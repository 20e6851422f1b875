//! The unit of work as handlers see it: one closure in one transaction, with the caller, the time, the version
//! that was named and the retry that was announced. With an `Idempotency-Key` the answer is kept in the
//! transaction of its effect, and a retry gets it again.

use std::future::{Ready, ready};

use crate::{
    answer::Answer,
    extract::{Me, RawBody, operation},
    problem::{Code, Problem, Result},
    secret::fingerprint,
    shared::Shared,
};
use actix_web::{FromRequest, HttpMessage as _, HttpRequest, dev::Payload, http::StatusCode, web::Data};
use artel_domain::{activity::ObjectRef, actor::Actor, error::Error as Refusal};
use artel_persistence::{
    Db, Error as StorageError, Result as StorageResult, Tx,
    idempotency::{self, Kept, Lock, Slot},
    in_tx, sight,
};
use chrono::{DateTime, Utc};

/// Versions start at 1.
const NO_VERSION: i64 = 0;

/// A request that changes something.
pub struct Write {
    me: Me,
    db: Db,
    now: DateTime<Utc>,
    expected: Option<i64>,
    slot: Option<Slot>,
    request_hash: String,
    shared: Data<Shared>,
}

/// What a change answers, and which object it shows.
#[derive(Clone, Debug)]
pub struct Saved {
    object: ObjectRef,
    answer: Answer,
}

impl Saved {
    /// The answer of a change, and the object that a retry must still be able to see.
    #[must_use]
    pub const fn new(object: ObjectRef, answer: Answer) -> Self {
        Self { object, answer }
    }
}

/// What came of a unit of work.
enum Outcome {
    Done(Answer),
    Replayed(Kept),
    Reused,
    Busy,
}

impl Write {
    /// Who changes it.
    #[must_use]
    pub fn me(&self) -> &Actor {
        &self.me
    }

    /// When: one instant for the whole request.
    #[must_use]
    pub const fn now(&self) -> DateTime<Utc> {
        self.now
    }

    /// The version named in `If-Match`, if one was.
    #[must_use]
    pub const fn expected(&self) -> Option<i64> {
        self.expected
    }

    /// The version named in `If-Match`, which this operation asks for.
    ///
    /// # Errors
    /// [`Refusal::VersionRequired`].
    pub fn expected_version(&self) -> std::result::Result<i64, Refusal> {
        self.expected.ok_or(Refusal::VersionRequired)
    }

    /// Runs the change in one transaction and answers what it shows.
    ///
    /// # Errors
    /// Those of the change; nothing was written then.
    pub async fn commit(&self, change: impl AsyncFn(&Tx) -> StorageResult<Saved>) -> Result<Answer> {
        let Some(slot) = &self.slot else {
            return Ok(in_tx(&self.db, async |tx| change(tx).await).await?.answer);
        };
        let _running = self.shared.running.enter(slot).ok_or(Code::IdempotencyInProgress)?;
        let outcome = in_tx(&self.db, async |tx| self.once(tx, slot, &change).await).await?;
        match outcome {
            Outcome::Done(answer) => Ok(answer),
            Outcome::Replayed(kept) => Ok(replay(kept)),
            Outcome::Reused => Err(Code::IdempotencyKeyReused.into()),
            Outcome::Busy => Err(Code::IdempotencyInProgress.into()),
        }
    }

    async fn once(
        &self,
        tx: &Tx,
        slot: &Slot,
        change: &impl AsyncFn(&Tx) -> StorageResult<Saved>,
    ) -> StorageResult<Outcome> {
        if idempotency::try_lock(tx, slot).await? == Lock::Busy {
            return Ok(Outcome::Busy);
        }
        if let Some(kept) = idempotency::find(tx, slot, self.now).await? {
            if !sight::is_visible(tx, &self.me, kept.object).await? {
                return Err(StorageError::Refused(Refusal::NotFound));
            }
            let same = kept.request_hash == self.request_hash;
            return Ok(if same { Outcome::Replayed(kept) } else { Outcome::Reused });
        }
        let saved = change(tx).await?;
        idempotency::keep(tx, slot.clone(), self.kept(&saved), self.now).await?;
        Ok(Outcome::Done(saved.answer))
    }

    fn kept(&self, saved: &Saved) -> Kept {
        let Saved { object, answer } = saved;
        Kept {
            request_hash: self.request_hash.clone(),
            object: *object,
            status: answer.status.as_u16(),
            version: answer.version,
            body: answer.body.as_deref().map(|body| String::from_utf8_lossy(body).into_owned()),
            location: answer.location.clone(),
        }
    }
}

fn replay(kept: Kept) -> Answer {
    let Kept { request_hash: _, object: _, status, version, body, location } = kept;
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
    Answer { status, body: body.map(String::into_bytes), version, location, replayed: true }
}

impl FromRequest for Write {
    type Error = Problem;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        ready(Me::from_request(request, payload).into_inner().and_then(|me| write(request, me)))
    }
}

fn write(request: &HttpRequest, me: Me) -> Result<Write> {
    let operation = operation(request)?;
    let shared = request.app_data::<Data<Shared>>().cloned().ok_or(Code::Internal)?;
    let db = request.app_data::<Data<Db>>().ok_or(Code::Internal)?.get_ref().clone();
    let header = |name: &str| {
        let declared = operation.takes_header(name).then(|| request.headers().get(name)).flatten();
        declared.and_then(|value| value.to_str().ok()).map(str::to_owned)
    };
    let body = request.extensions().get::<RawBody>().cloned().unwrap_or_default();
    let target = format!("{} {}", request.method(), request.path());
    let slot = header("Idempotency-Key").map(|key| Slot { user: me.user, operation: target, key });
    Ok(Write {
        db,
        now: shared.clock.now(),
        expected: header("If-Match").and_then(|tag| version_of(&tag)),
        slot,
        request_hash: fingerprint(&[request.query_string().as_bytes(), &body.0]),
        shared,
        me,
    })
}

/// The version in an entity tag; `*` names none. A tag that is none of ours names a version that no object has.
fn version_of(tag: &str) -> Option<i64> {
    if tag == "*" {
        return None;
    }
    let version =
        tag.strip_prefix('"').and_then(|tag| tag.strip_suffix('"')?.split('-').next()?.parse().ok());
    Some(version.unwrap_or(NO_VERSION))
}

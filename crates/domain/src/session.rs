//! Sessions: one sign-in on one client, kept alive by refresh tokens that are used once.

use chrono::{DateTime, TimeDelta, Utc};

use crate::{
    activity::{ObjectKind, ObjectRef},
    actor::{Actor, SessionId, UserId, Via},
    error::{Error, Result},
    secret, words,
};

/// How long a session lives without being refreshed.
pub const IDLE_LIFETIME: TimeDelta = TimeDelta::days(30);
/// How long a session lives at most.
pub const LONGEST_LIFETIME: TimeDelta = TimeDelta::days(180);
/// For how long a used refresh token still gets its sibling: tabs that refresh at the same moment all go on.
pub const GRACE: TimeDelta = TimeDelta::seconds(10);
/// The most refresh tokens that can follow one.
pub const MOST_SUCCESSORS: u64 = 32;
/// The most live sessions of a user; the one unused for longest gives way to a new one.
pub const MOST_SESSIONS: u64 = 50;

secret! {
    /// An opaque token as it was handed out: to refresh a session, to accept an invitation, to reset a password,
    /// to set the organisation up.
    OpaqueToken(1..=200)
}

words! {
    /// A key that sessions can be sorted by.
    pub enum Sort {
        /// When it was last refreshed.
        LastUsedAt = "last_used_at",
        /// When they signed in.
        CreatedAt = "created_at",
    }
}

/// What signs in: as much as its owner needs to recognise it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Client {
    /// What it calls itself.
    pub user_agent: Option<String>,
    /// Its network address.
    pub address: Option<String>,
}

/// One sign-in of a user on one client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// Who signed in.
    pub user: UserId,
    /// What signed in.
    pub client: Client,
    /// When they signed in.
    pub created_at: DateTime<Utc>,
    /// When it was last refreshed.
    pub last_used_at: DateTime<Utc>,
    /// When it ends unless it is refreshed before.
    pub expires_at: DateTime<Utc>,
    /// When it was ended before its time.
    pub revoked_at: Option<DateTime<Utc>>,
}

impl Session {
    /// How activities name a session.
    #[must_use]
    pub const fn object(id: SessionId) -> ObjectRef {
        ObjectRef { kind: ObjectKind::Session, id: id.0 }
    }

    /// Whether it lets anybody in.
    #[must_use]
    pub fn is_live(&self, now: DateTime<Utc>) -> bool {
        self.revoked_at.is_none() && self.expires_at > now
    }

    /// When the session ends if it is refreshed now.
    #[must_use]
    pub fn refreshed_until(created_at: DateTime<Utc>, now: DateTime<Utc>) -> DateTime<Utc> {
        (now + IDLE_LIFETIME).min(created_at + LONGEST_LIFETIME)
    }

    /// Ends it. Only its owner may; to others it does not exist.
    ///
    /// # Errors
    /// [`Error::NotFound`] for everybody else, and when it has ended.
    pub fn revoke(&mut self, by: &Actor, now: DateTime<Utc>) -> Result<()> {
        if self.user != by.user || !self.is_live(now) {
            return Err(Error::NotFound);
        }
        self.revoked_at = Some(now);
        Ok(())
    }

    /// Whether the actor asks through this very session.
    #[must_use]
    pub fn is_current(&self, actor: &Actor) -> bool {
        actor.via == Via::Session(self.id)
    }
}

/// A refresh token that was presented, with what became of it before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Presented {
    /// When it stops working.
    pub expires_at: DateTime<Utc>,
    /// When it was used, if it was.
    pub used_at: Option<DateTime<Utc>>,
    /// How many tokens followed it.
    pub successors: u64,
    /// How many of those were used.
    pub successors_used: u64,
}

/// What to do about a refresh token that was presented.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refresh {
    /// Mark it as used and hand out its successor.
    Rotate,
    /// It was used a moment ago by the same client: hand out one more successor.
    Sibling,
    /// It has so many successors already that none is added; those it has stay good.
    Refuse,
    /// It has expired.
    Expired,
    /// Somebody presents a token that its client has left behind: end the session.
    Revoke,
}

/// Decides about a refresh token of a live session.
#[must_use]
pub fn refresh(presented: Presented, now: DateTime<Utc>) -> Refresh {
    let Presented { expires_at, used_at, successors, successors_used } = presented;
    match used_at {
        _ if expires_at <= now => Refresh::Expired,
        None => Refresh::Rotate,
        Some(used) if now - used > GRACE || successors_used > 0 => Refresh::Revoke,
        Some(_) if successors >= MOST_SUCCESSORS => Refresh::Refuse,
        Some(_) => Refresh::Sibling,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{actor::Role, level::Levels};

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + seconds, 0).unwrap()
    }

    #[test]
    fn every_state_of_a_refresh_token_has_its_answer() {
        let ages = [None, Some(0), Some(10), Some(11), Some(3600)];
        for expired in [false, true] {
            for age in ages {
                for successors in [0, 1, MOST_SUCCESSORS - 1, MOST_SUCCESSORS] {
                    for successors_used in [0, 1] {
                        let presented = Presented {
                            expires_at: if expired { at(0) } else { at(1) },
                            used_at: age.map(|age| at(-age)),
                            successors,
                            successors_used,
                        };
                        let fresh = age.is_some_and(|age| age <= 10);
                        let expected = if expired {
                            Refresh::Expired
                        } else if age.is_none() {
                            Refresh::Rotate
                        } else if !fresh || successors_used > 0 {
                            Refresh::Revoke
                        } else if successors == MOST_SUCCESSORS {
                            Refresh::Refuse
                        } else {
                            Refresh::Sibling
                        };
                        assert_eq!(refresh(presented, at(0)), expected, "{presented:?}");
                    }
                }
            }
        }
    }

    fn session() -> Session {
        Session {
            id: SessionId(3),
            user: UserId(1),
            client: Client::default(),
            created_at: at(0),
            last_used_at: at(0),
            expires_at: at(100),
            revoked_at: None,
        }
    }

    fn actor(user: i64, session: i64) -> Actor {
        Actor {
            user: UserId(user),
            role: Role::Admin,
            via: Via::Session(SessionId(session)),
            levels: Levels::ALL,
        }
    }

    #[test]
    fn a_session_is_ended_once_and_by_its_owner() {
        assert_eq!(session().revoke(&actor(2, 9), at(1)), Err(Error::NotFound));
        assert_eq!(session().revoke(&actor(1, 9), at(100)), Err(Error::NotFound));
        let mut mine = session();
        assert!(mine.is_current(&actor(1, 3)) && !mine.is_current(&actor(1, 9)));
        assert_eq!(mine.revoke(&actor(1, 9), at(1)), Ok(()));
        assert!(!mine.is_live(at(2)));
        assert_eq!(mine.revoke(&actor(1, 9), at(2)), Err(Error::NotFound));
    }

    #[test]
    fn refreshing_extends_a_session_up_to_its_longest_life() {
        assert_eq!(Session::refreshed_until(at(0), at(60)), at(60) + IDLE_LIFETIME);
        let late = at(0) + TimeDelta::days(170);
        assert_eq!(Session::refreshed_until(at(0), late), at(0) + LONGEST_LIFETIME);
    }
}

//! The rules that every record follows, tried on a small one.

use super::*;
use crate::{
    access::Levels,
    actor::{Role, SessionId, Via},
    error::Conflict,
};

#[derive(Clone, Debug, PartialEq, Serialize)]
struct Note {
    responsible_id: UserId,
    shared: bool,
    text: &'static str,
}

impl Fields for Note {
    const KIND: ObjectKind = ObjectKind::Contact;

    fn responsible(&self) -> UserId {
        self.responsible_id
    }

    fn shared(&self) -> bool {
        self.shared
    }

    fn faults(&self, _: DateTime<Utc>) -> Vec<Fault> {
        let fault = Fault::new("/text", FaultCode::Required, "must be given");
        if self.text.is_empty() {
            vec![fault]
        } else {
            Vec::new()
        }
    }
}

const ME: UserId = UserId(1);
const OTHER: UserId = UserId(2);

fn actor(write: Level) -> Actor {
    let levels = Levels {
        read: Level::All,
        write,
        delete: write,
        ..Levels::NONE
    };
    Actor {
        user: ME,
        role: Role::Employee,
        via: Via::Session(SessionId(1)),
        levels,
    }
}

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_700_000_000, 0).unwrap()
}

fn note(responsible_id: UserId) -> Note {
    Note {
        responsible_id,
        shared: false,
        text: "hello",
    }
}

fn submission(fields: Note, responsible: Responsible) -> Submission<Note> {
    Submission {
        fields,
        responsible,
        faults: Vec::new(),
    }
}

fn fit(user: UserId) -> Responsible {
    Responsible {
        user,
        below: false,
        fit: true,
    }
}

fn mine() -> Record<Note> {
    Draft::new(&actor(Level::Own), submission(note(ME), fit(ME)), now())
        .unwrap()
        .with_id(7)
}

#[test]
fn one_creates_only_what_one_may_write() {
    let create =
        |level, user| Draft::new(&actor(level), submission(note(user), fit(user)), now()).map(|_| ());
    assert_eq!(create(Level::None, ME), Err(Forbidden::AccessLevel.into()));
    assert_eq!(create(Level::Own, ME), Ok(()));
    assert!(
        matches!(create(Level::Own, OTHER), Err(Error::Invalid(faults)) if faults[0].code == FaultCode::OutOfReach)
    );
    assert_eq!(create(Level::All, OTHER), Ok(()));
}

fn edit(record: &mut Record<Note>, level: Level, version: i64, fields: &Note) -> Result<Vec<Change>> {
    let wanted = submission(fields.clone(), fit(fields.responsible_id));
    record.edit(&actor(level), Some(version), wanted, now())
}

#[test]
fn an_edit_checks_right_then_version_then_meaning() {
    let mut theirs = Record {
        fields: note(OTHER),
        ..mine()
    };
    let empty = Note {
        text: "",
        ..note(OTHER)
    };
    assert_eq!(
        edit(&mut theirs, Level::Own, 9, &empty),
        Err(Forbidden::AccessLevel.into())
    );
    assert_eq!(edit(&mut theirs, Level::All, 9, &empty), Err(Error::Stale));
    assert!(matches!(
        edit(&mut theirs, Level::All, 1, &empty),
        Err(Error::Invalid(_))
    ));
    assert_eq!(theirs.version, 1);
}

#[test]
fn an_edit_that_changes_nothing_raises_no_version() {
    let mut theirs = Record {
        fields: note(OTHER),
        ..mine()
    };
    let bye = Note {
        text: "bye",
        ..note(OTHER)
    };
    assert_eq!(edit(&mut theirs, Level::All, 1, &bye).unwrap().len(), 1);
    assert_eq!(edit(&mut theirs, Level::All, 2, &bye), Ok(Vec::new()));
    assert_eq!(theirs.version, 2);
}

#[test]
fn one_cannot_give_a_record_away_beyond_ones_reach() {
    let mut record = mine();
    let given = record.edit(
        &actor(Level::Own),
        None,
        submission(note(OTHER), fit(OTHER)),
        now(),
    );
    assert!(matches!(given, Err(Error::Invalid(faults)) if faults[0].code == FaultCode::OutOfReach));
}

#[test]
fn whoever_is_responsible_stays_so_after_leaving_but_nobody_gone_takes_over() {
    let gone = |user| Responsible {
        fit: false,
        ..fit(user)
    };
    let mut record = mine();
    let admin = actor(Level::All);
    assert!(
        record
            .edit(
                &admin,
                None,
                submission(
                    Note {
                        text: "bye",
                        ..note(ME)
                    },
                    gone(ME)
                ),
                now()
            )
            .is_ok()
    );
    assert!(
        record
            .edit(&admin, None, submission(note(OTHER), gone(OTHER)), now())
            .is_err()
    );
}

#[test]
fn the_trash_takes_and_gives_back() {
    let mut record = mine();
    assert_eq!(
        record.trash(&actor(Level::None), None, now()),
        Err(Forbidden::AccessLevel.into())
    );
    record.trash(&actor(Level::Own), Some(1), now()).unwrap();
    assert!(record.trashed.is_some());
    assert_eq!(
        record.restore(&actor(Level::Own), Some(1), now()),
        Err(Error::Stale)
    );
    assert_eq!(record.restore(&actor(Level::Own), None, now()), Ok(true));
    assert_eq!(record.restore(&actor(Level::Own), None, now()), Ok(false));
    assert_eq!((record.trashed, record.version), (None, 3));
    assert_ne!(Error::from(Conflict::Trashed), Error::NotFound);
}

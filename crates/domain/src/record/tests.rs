//! The rules that every record follows, tried on a small one.

use proptest::prelude::*;
use serde::Serialize;

use super::*;
use crate::{
    activity::ObjectKind,
    actor::{Role, SessionId, Via},
    level::Levels,
    point::{Point, PointKind},
    search::{self, Piece},
};

#[derive(Clone, Debug, PartialEq, Serialize)]
struct Note {
    responsible_id: UserId,
    shared: bool,
    text: &'static str,
    points: Vec<Point>,
    tags: Vec<Tag>,
    verified_at: Option<DateTime<Utc>>,
}

impl Fields for Note {
    const KIND: ObjectKind = ObjectKind::Contact;

    fn common(&self) -> Common<'_> {
        Common {
            responsible: self.responsible_id,
            shared: self.shared,
            points: &self.points,
            tags: &self.tags,
            external_source: None,
            external_id: None,
            verified_at: self.verified_at,
        }
    }

    fn own_faults(&self, _: DateTime<Utc>) -> Vec<Fault> {
        let fault = Fault::new("/text", FaultCode::Required, "must be given");
        if self.text.is_empty() { vec![fault] } else { Vec::new() }
    }

    fn own_pieces(&self) -> Vec<Piece<'_>> {
        vec![Piece::Text(self.text)]
    }
}

const ME: UserId = UserId(1);
const OTHER: UserId = UserId(2);

fn actor(write: Level) -> Actor {
    let levels = Levels { read: Level::All, write, delete: write, ..Levels::NONE };
    Actor { user: ME, role: Role::Employee, via: Via::Session(SessionId(1)), levels }
}

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_700_000_000, 0).unwrap()
}

fn note(responsible_id: UserId) -> Note {
    Note {
        responsible_id,
        shared: false,
        text: "hello",
        points: Vec::new(),
        tags: Vec::new(),
        verified_at: None,
    }
}

fn submission(fields: Note, responsible: Responsible) -> Submission<Note> {
    Submission { fields, responsible, faults: Vec::new() }
}

fn fit(user: UserId) -> Responsible {
    Responsible { user, below: false, fit: true }
}

fn mine() -> Record<Note> {
    Draft::new(&actor(Level::Own), submission(note(ME), fit(ME)), now()).unwrap().with_id(7)
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
    let mut theirs = Record { fields: note(OTHER), ..mine() };
    let empty = Note { text: "", ..note(OTHER) };
    assert_eq!(edit(&mut theirs, Level::Own, 9, &empty), Err(Forbidden::AccessLevel.into()));
    assert_eq!(edit(&mut theirs, Level::All, 9, &empty), Err(Error::Stale));
    assert!(matches!(edit(&mut theirs, Level::All, 1, &empty), Err(Error::Invalid(_))));
    assert_eq!(theirs.version, 1);
}

#[test]
fn an_edit_that_changes_nothing_raises_no_version() {
    let mut theirs = Record { fields: note(OTHER), ..mine() };
    let bye = Note { text: "bye", ..note(OTHER) };
    assert_eq!(edit(&mut theirs, Level::All, 1, &bye).unwrap().len(), 1);
    assert_eq!(edit(&mut theirs, Level::All, 2, &bye), Ok(Vec::new()));
    assert_eq!(theirs.version, 2);
}

#[test]
fn one_cannot_give_a_record_away_beyond_ones_reach() {
    let mut record = mine();
    let given = record.edit(&actor(Level::Own), None, submission(note(OTHER), fit(OTHER)), now());
    assert!(matches!(given, Err(Error::Invalid(faults)) if faults[0].code == FaultCode::OutOfReach));
}

#[test]
fn what_takes_a_record_out_of_reach_is_named() {
    let wanted = |shared, user| Note { shared, ..note(user) };
    let pointer = |before: Note, fields: Note| {
        let mut record = Record { fields: before, ..mine() };
        let responsible = fit(fields.responsible_id);
        let result = record.edit(&actor(Level::Shared), None, submission(fields, responsible), now());
        match result {
            Err(Error::Invalid(faults)) => Some((faults[0].code, faults[0].pointer.clone())),
            _ => None,
        }
    };
    let at = |pointer: &str| Some((FaultCode::OutOfReach, pointer.to_owned()));
    assert_eq!(pointer(wanted(true, OTHER), wanted(false, OTHER)), at("/shared"));
    assert_eq!(pointer(wanted(true, ME), wanted(false, OTHER)), at("/shared"));
    assert_eq!(pointer(wanted(false, ME), wanted(false, OTHER)), at("/responsible_id"));
    assert_eq!(pointer(wanted(false, ME), wanted(true, OTHER)), None);
    assert_eq!(pointer(wanted(true, ME), wanted(false, ME)), None);
}

#[test]
fn a_record_can_be_confirmed_a_little_ahead_of_our_clock() {
    let confirmed = |ahead| Note { verified_at: Some(now() + ahead), ..note(ME) };
    assert_eq!(faults(&confirmed(CLOCK_SKEW), now()), []);
    let late = faults(&confirmed(CLOCK_SKEW + TimeDelta::seconds(1)), now());
    assert_eq!((late[0].code, late[0].pointer.as_str()), (FaultCode::OutOfRange, "/verified_at"));
}

#[test]
fn whoever_is_responsible_stays_so_after_leaving_but_nobody_gone_takes_over() {
    let gone = |user| Responsible { fit: false, ..fit(user) };
    let mut record = mine();
    let admin = actor(Level::All);
    assert!(record.edit(&admin, None, submission(Note { text: "bye", ..note(ME) }, gone(ME)), now()).is_ok());
    assert!(record.edit(&admin, None, submission(note(OTHER), gone(OTHER)), now()).is_err());
}

#[test]
fn the_trash_takes_and_gives_back() {
    let mut record = mine();
    assert_eq!(record.trash(&actor(Level::None), None, now()), Err(Forbidden::AccessLevel.into()));
    record.trash(&actor(Level::Own), Some(1), now()).unwrap();
    assert!(record.trashed.is_some());
    let trashed = Error::from(Conflict::Trashed);
    assert_eq!(record.trash(&actor(Level::Own), None, now()), Err(trashed.clone()));
    assert_eq!(edit(&mut record, Level::Own, 2, &note(ME)), Err(trashed));
    assert_eq!(record.restore(&actor(Level::Own), Some(1), now()), Err(Error::Stale));
    assert_eq!(record.restore(&actor(Level::Own), None, now()), Ok(true));
    assert_eq!(record.restore(&actor(Level::Own), None, now()), Ok(false));
    assert_eq!((record.trashed, record.version), (None, 3));
}

fn many_points(count: usize) -> Vec<Point> {
    let point = |n: usize| Point {
        id: None,
        kind: PointKind::Address,
        label: None,
        value: format!("a{n} b{n} c{n} d{n} e{n}").parse().unwrap(),
        normalised: None,
        primary: false,
    };
    (0..count).map(point).collect()
}

#[test]
fn the_words_of_a_record_are_its_own_first_however_many_points_it_has() {
    let crowded =
        Note { text: "zoe яна", points: many_points(50), tags: vec!["vip".parse().unwrap()], ..note(ME) };
    let words = search_words(&crowded);
    assert_eq!(words.len(), search::MAX_WORDS);
    assert!(words.contains("zoe") && words.contains("яна") && words.contains("a0"));
    assert!(!words.contains("a49"), "the last points give way");
    let quiet = Note { points: many_points(1), ..crowded };
    assert!(search_words(&quiet).contains("vip"));
}

fn level() -> impl Strategy<Value = Level> {
    prop::sample::select(Level::ALL)
}

proptest! {
    /// What `can` promises, the verbs keep, and nothing more.
    #[test]
    fn can_tells_the_truth(
        read in level(), write in level(), delete in level(),
        user in ME.0..=3, below: bool, shared: bool, trashed: bool,
    ) {
        let levels = Levels { read, write, delete, ..Levels::ALL };
        let me = Actor { levels, ..actor(Level::None) };
        let fields = Note { shared, ..note(UserId(user)) };
        let stamp = Stamp { at: now(), by: None };
        let record = Record { fields, below, trashed: trashed.then_some(stamp), ..mine() };
        let can = record.can(&me);
        let edited = Note { text: "bye", ..record.fields.clone() };
        let responsible = Responsible { below, ..fit(edited.responsible_id) };
        let edited = record.clone().edit(&me, None, submission(edited, responsible), now());
        prop_assert_eq!(edited.is_ok(), can.contains(&CrmAction::Write));
        let binned = record.clone().trash(&me, None, now());
        prop_assert_eq!(binned.is_ok(), can.contains(&CrmAction::Delete) && !trashed);
        prop_assert_eq!(record.clone().restore(&me, None, now()).is_ok(), can.contains(&CrmAction::Delete));
        prop_assert_eq!(edited == Err(Error::NotFound), !can.contains(&CrmAction::Read));
        prop_assert!(!can.contains(&CrmAction::Import));
    }
}

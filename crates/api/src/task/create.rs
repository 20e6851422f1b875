//! Creating a task: what must be looked up before the domain can judge it.

use artel_domain::{
    actor::UserId,
    error::{Error as Refusal, Fault, FaultCode},
    task::{Crew, Draft, Obstacles, Place, Spot, Target, Task, check_may_create},
};
use artel_persistence::{
    Result as StorageResult, Tx,
    task::{self as store, Card, Counts, LinkedCompany, LinkedContact, Mark},
    user,
};

use super::shape::CreateTask;
use crate::write::Write;

/// Creates a task with its links.
pub(super) async fn create(tx: &Tx, write: &Write, body: CreateTask) -> StorageResult<Card> {
    let me = write.me();
    let named = body.people(me.user);
    let parent = match body.parent_id {
        Some(id) => {
            user::lock_all(tx, &named.everybody().collect::<Vec<_>>()).await?;
            let found = store::load_with_project(tx, me, id).await;
            Some(found.map_err(|error| error.at("/parent_id"))?)
        }
        None => None,
    };
    let above = parent.as_ref().map(|card| &card.task);
    let place = place(tx, write, &body, above).await?;
    check_may_create(me, place.as_ref(), above)?;
    let spot = spot(tx, parent.as_ref()).await?;
    let (contacts, companies, faults) = targets(tx, write, &body).await?;
    let project = place.as_ref().map(|place| place.project);
    let hands = store::hands(tx, me, project, named.everybody()).await?;
    let crew = Crew {
        responsible: hands.of(named.responsible),
        co_executors: named.co_executors.iter().map(|user| hands.of(*user)).collect(),
        observers: named.observers.iter().map(|user| hands.of(*user)).collect(),
        reviewer: named.reviewer.map(|user| hands.of(user)),
    };
    let fields = body.fields(project);
    let draft = Draft::new(me, fields, &crew, place, spot, faults, write.now())?;
    let root = parent.as_ref().map(|card| card.root.unwrap_or(card.task.id));
    let task = store::insert(tx, me, draft, root, hands.below).await?;
    let linked = contacts.iter().map(|contact| Target::Contact(contact.id));
    let linked: Vec<Target> =
        linked.chain(companies.iter().map(|company| Target::Company(company.id))).collect();
    store::link_new(tx, me.author(), &task, &linked, write.now()).await?;
    Ok(card(task, parent.as_ref(), root, contacts, companies))
}

/// A new task: nothing hangs on it yet.
fn card(
    task: Task,
    parent: Option<&Card>,
    root: Option<artel_domain::task::TaskId>,
    contacts: Vec<LinkedContact>,
    companies: Vec<LinkedCompany>,
) -> Card {
    Card {
        task,
        root,
        shows_parent: parent.is_some(),
        parent: parent.map(|card| (card.task.state.status, false)),
        counts: Counts::default(),
        mark: Mark::default(),
        obstacles: Obstacles::default(),
        contacts,
        companies,
    }
}

/// Where the task is to lie: in the project that is named, or else in that of its parent.
async fn place(
    tx: &Tx,
    write: &Write,
    body: &CreateTask,
    above: Option<&Task>,
) -> StorageResult<Option<Place>> {
    let inherited = above.and_then(|task| task.place.clone());
    let inherits =
        body.project_id.is_none() || body.project_id == inherited.as_ref().map(|place| place.project);
    match body.project_id {
        Some(id) if !inherits => {
            let found = store::place_for(tx, write.me(), id, write.me().user).await?;
            let unknown = || Refusal::invalid("/project_id", FaultCode::Unknown, "does not exist");
            Ok(Some(found.ok_or_else(unknown)?))
        }
        _ => Ok(inherited.map(|place| Place { creator_is_member: place.mine.is_some(), ..place })),
    }
}

async fn spot(tx: &Tx, parent: Option<&Card>) -> StorageResult<Option<Spot>> {
    let Some(parent) = parent else { return Ok(None) };
    let tree = store::load_tree(tx, parent.root.unwrap_or(parent.task.id)).await?;
    Ok(Some(tree.spot(&parent.task, 1, None)))
}

/// The records that the task is to concern, each once in the order in which they were named, and what is wrong with them:
/// a statement for each kind.
async fn targets(
    tx: &Tx,
    write: &Write,
    body: &CreateTask,
) -> StorageResult<(Vec<LinkedContact>, Vec<LinkedCompany>, Vec<Fault>)> {
    let contacts = store::readable_contacts(tx, write.me(), &body.contact_ids).await?;
    let companies = store::readable_companies(tx, write.me(), &body.company_ids).await?;
    let (contacts, mut faults) = named("/contact_ids", &body.contact_ids, &contacts, |contact| contact.id);
    let (companies, more) = named("/company_ids", &body.company_ids, &companies, |company| company.id);
    faults.extend(more);
    Ok((contacts, companies, faults))
}

/// What was found of what a list names, each once in the order of the list, and a fault for each that was not.
fn named<I: Copy + PartialEq, T: Clone + PartialEq>(
    pointer: &str,
    ids: &[I],
    found: &[T],
    id: impl Fn(&T) -> I,
) -> (Vec<T>, Vec<Fault>) {
    let (mut named, mut faults) = (Vec::new(), Vec::new());
    for (position, wanted) in ids.iter().enumerate() {
        match found.iter().find(|it| id(it) == *wanted) {
            Some(it) if named.contains(it) => {}
            Some(it) => named.push(it.clone()),
            None => {
                let at = format!("{pointer}/{position}");
                faults.push(Fault::new(at, FaultCode::Unknown, "does not exist"));
            }
        }
    }
    (named, faults)
}

/// The people whom a new task names.
pub(super) struct Named {
    pub(super) responsible: UserId,
    pub(super) co_executors: Vec<UserId>,
    pub(super) observers: Vec<UserId>,
    pub(super) reviewer: Option<UserId>,
}

impl Named {
    fn everybody(&self) -> impl Iterator<Item = UserId> {
        let others = self.co_executors.iter().chain(&self.observers).copied();
        others.chain([self.responsible]).chain(self.reviewer)
    }
}

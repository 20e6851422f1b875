//! Changing a task: what must be looked up before the domain can judge it, and what follows for the tree that it lies in.

use artel_domain::{
    activity::Verb,
    error::{Error as Refusal, Fault, FaultCode},
    task::{
        Done, Edit, Reviewer, Spot, Surroundings, Task, TaskFields, check_may_create,
        misfits as misfits_among,
    },
};
use artel_persistence::{
    Error as StorageError, Result as StorageResult, Tx,
    task::{self as store, Card, Node, Tree},
};

use super::shape::EditTask;
use crate::{
    patch::Patch,
    write::{Saved, Write},
};

/// Changes a task that was loaded with its project.
pub(super) async fn edit(tx: &Tx, write: &Write, card: Card, body: EditTask) -> StorageResult<Saved> {
    let me = write.me();
    let mut fields = card.task.fields.clone();
    body.clone().apply(&mut fields);
    card.task.check_edit(me, &fields, body.reviewer().into_option())?;
    let parent = new_parent(tx, write, &card, &fields).await?;
    if let Some(parent) = &parent
        && !body.names_project()
    {
        fields.project_id = parent.task.fields.project_id;
    }
    let moves = moves(&card.task, &fields);
    let tree = if moves { Some(store::load_tree(tx, top(&card)).await?) } else { None };
    let mut faults = Vec::new();
    let surroundings = match &tree {
        Some(tree) => {
            Some(surroundings(tx, write, &card, &fields, parent.as_ref(), tree, &mut faults).await?)
        }
        None => None,
    };
    let edit = Edit {
        reviewer: reviewer(tx, write, &body, &fields).await?,
        deadline_reason: body.deadline_reason,
        fields,
        faults,
    };
    let mut task = card.task.clone();
    let changes = task.edit(me, write.expected(), edit, surroundings, write.now())?;
    if let (Some(tree), false) = (&tree, changes.is_empty()) {
        let root = parent.as_ref().map(top).or_else(|| task.fields.parent_id.and(card.root));
        store::move_tree(tx, me.author(), tree, &card.task, &task, root).await?;
    }
    super::save(tx, write, card, task, Done { verb: Verb::Updated, changes }).await
}

fn top(card: &Card) -> artel_domain::task::TaskId {
    card.root.unwrap_or(card.task.id)
}

fn moves(task: &Task, fields: &TaskFields) -> bool {
    task.fields.project_id != fields.project_id || task.fields.parent_id != fields.parent_id
}

/// The task that it is to become a part of, where that changes.
async fn new_parent(tx: &Tx, write: &Write, card: &Card, fields: &TaskFields) -> StorageResult<Option<Card>> {
    match fields.parent_id {
        Some(id) if card.task.fields.parent_id != Some(id) => {
            let found = store::load(tx, write.me(), id).await;
            Ok(Some(found.map_err(|error| error.at("/parent_id"))?))
        }
        _ => Ok(None),
    }
}

/// The reviewer that is named, with what is known of them, or that nobody is to be named.
async fn reviewer(tx: &Tx, write: &Write, body: &EditTask, fields: &TaskFields) -> StorageResult<Reviewer> {
    match body.reviewer() {
        Patch::Absent => Ok(Reviewer::Stays),
        Patch::Clear => Ok(Reviewer::Nobody),
        Patch::Set(user) => {
            let hands = store::hands(tx, write.me(), fields.project_id, [user]).await?;
            Ok(Reviewer::Named(hands.of(user)))
        }
    }
}

/// What must be known of where the task is to lie.
async fn surroundings(
    tx: &Tx,
    write: &Write,
    card: &Card,
    fields: &TaskFields,
    parent: Option<&Card>,
    tree: &Tree,
    faults: &mut Vec<Fault>,
) -> StorageResult<Surroundings> {
    let task = &card.task;
    let place = match fields.project_id {
        Some(id) if task.fields.project_id != Some(id) => {
            let found = store::place_for(tx, write.me(), id, task.people.creator).await?;
            let unknown = || Refusal::invalid("/project_id", FaultCode::Unknown, "does not exist");
            Some(found.ok_or_else(unknown)?)
        }
        Some(_) => task.place.clone(),
        None => None,
    };
    let spot = spot(tx, card, parent, tree).await?;
    let stays_below = fields.parent_id.is_some() && parent.is_none();
    let strayed =
        Fault::new("/project_id", FaultCode::OtherProject, "must be that of the task that it belongs to");
    faults.extend((stays_below && task.fields.project_id != fields.project_id).then_some(strayed));
    faults.extend(spot.and_then(|spot| spot.fault(fields.project_id)));
    let permitted = check_may_create(write.me(), place.as_ref(), parent.map(|card| &card.task));
    let is_permitted = !matches!(permitted, Err(Refusal::Forbidden(_) | Refusal::NotFound));
    let (mut misfits, mut strays) = (0, 0);
    if task.fields.project_id != fields.project_id {
        let nodes = tree.subtree(task.id);
        misfits =
            misfits_among(&store::parts_of(tx, write.me(), &nodes, fields.project_id).await?, place.as_ref());
        let below: Vec<Node> = nodes.into_iter().filter(|node| node.id != task.id).collect();
        strays = store::strays(tx, &below, place.as_ref()).await?;
    }
    Ok(Surroundings { place, spot, is_permitted, misfits, strays })
}

async fn spot(
    tx: &Tx,
    card: &Card,
    parent: Option<&Card>,
    tree: &Tree,
) -> Result<Option<Spot>, StorageError> {
    let Some(parent) = parent else { return Ok(None) };
    let id = card.task.id;
    let levels = tree.levels(id);
    if tree.includes(parent.task.id) {
        return Ok(Some(tree.spot(&parent.task, levels, Some(id))));
    }
    Ok(Some(store::load_tree(tx, top(parent)).await?.spot(&parent.task, levels, None)))
}

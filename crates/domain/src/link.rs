//! Links between contacts and companies: a contact works for any number of companies, one of them first of all.

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::{
    company::CompanyId,
    error::{Conflict, Fault, FaultCode, Result, too_many},
    text,
};

text! {
    /// What someone is in a company: `CTO`.
    JobTitle(1..=200)
}

/// The most companies of one contact.
pub const MOST_LINKS: usize = 100;

/// A link, seen from the contact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Link {
    /// The company.
    pub company_id: CompanyId,
    /// What the contact is there.
    pub position: Option<JobTitle>,
    /// Whether it is the company that comes first; a contact with links has exactly one.
    pub primary: bool,
    /// When it was made: the oldest is promoted when the primary goes.
    pub created_at: DateTime<Utc>,
}

impl Link {
    /// The order in which links are shown: the primary first, then the oldest, one after the other.
    #[must_use]
    pub const fn rank(&self) -> (bool, DateTime<Utc>, CompanyId) {
        (!self.primary, self.created_at, self.company_id)
    }
}

/// A link as someone gives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkDraft {
    /// The company.
    pub company_id: CompanyId,
    /// What the contact is there.
    pub position: Option<JobTitle>,
    /// Whether it is to come first; where nothing is said, it stays as it is.
    pub primary: Option<bool>,
}

/// Adds a link or changes it. The first link is primary whatever was said; a new primary takes over; the primary
/// stays one until another takes over.
///
/// # Errors
/// [`Conflict::LimitReached`] for a new link beside [`MOST_LINKS`] others.
pub fn put(links: &mut Vec<Link>, draft: LinkDraft, now: DateTime<Utc>) -> Result<()> {
    let is_new = links.iter().all(|link| link.company_id != draft.company_id);
    if is_new && links.len() >= MOST_LINKS {
        return Err(Conflict::LimitReached.into());
    }
    place(links, draft, now);
    Ok(())
}

fn place(links: &mut Vec<Link>, draft: LinkDraft, now: DateTime<Utc>) {
    let LinkDraft { company_id, position, primary } = draft;
    let takes_over = primary == Some(true) || !links.iter().any(|link| link.primary);
    if takes_over {
        for link in links.iter_mut() {
            link.primary = false;
        }
    }
    if let Some(link) = links.iter_mut().find(|link| link.company_id == company_id) {
        link.position = position;
        link.primary |= takes_over;
    } else {
        links.push(Link { company_id, position, primary: takes_over, created_at: now });
    }
}

/// Removes a link, if there is one; the oldest of the rest is promoted when the primary goes.
pub fn remove(links: &mut Vec<Link>, company: CompanyId) {
    links.retain(|link| link.company_id != company);
    promote(links);
}

fn promote(links: &mut [Link]) {
    if links.iter().any(|link| link.primary) {
        return;
    }
    if let Some(oldest) = links.iter_mut().min_by_key(|link| link.rank()) {
        oldest.primary = true;
    }
}

/// Replaces the links that someone can see by those given; hidden ones stay. Links that continue keep their age; where
/// the primary goes, the oldest of those that stay follows it, unless the list names another.
///
/// # Errors
/// Every fault: a company named twice, two primaries, more than [`MOST_LINKS`].
pub fn replace(
    links: &[Link],
    is_visible: impl Fn(CompanyId) -> bool,
    drafts: Vec<LinkDraft>,
    now: DateTime<Utc>,
) -> std::result::Result<Vec<Link>, Vec<Fault>> {
    let named = |company| drafts.iter().any(|draft| draft.company_id == company);
    let mut replaced: Vec<Link> = links.to_vec();
    replaced.retain(|link| !is_visible(link.company_id) || named(link.company_id));
    promote(&mut replaced);
    let mut faults = faults(&drafts);
    for draft in drafts {
        place(&mut replaced, draft, now);
    }
    let message = "would give the contact more than 100 companies";
    faults.extend(too_many("/companies", replaced.len(), MOST_LINKS, message));
    if faults.is_empty() { Ok(replaced) } else { Err(faults) }
}

fn faults(drafts: &[LinkDraft]) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (position, draft) in drafts.iter().enumerate() {
        let earlier = drafts.iter().take(position);
        if earlier.clone().any(|other| other.company_id == draft.company_id) {
            let at = format!("/companies/{position}/company_id");
            faults.push(Fault::new(at, FaultCode::Duplicate, "is given twice"));
        }
        if draft.primary == Some(true) && earlier.clone().any(|other| other.primary == Some(true)) {
            let at = format!("/companies/{position}/primary");
            faults.push(Fault::new(at, FaultCode::SecondPrimary, "is a second primary"));
        }
    }
    faults
}

#[cfg(test)]
mod tests;

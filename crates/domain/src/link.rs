//! Links between contacts and companies: a contact works for any number of companies, one of them first of all.

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::{
    company::CompanyId,
    error::{Fault, FaultCode},
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
pub fn put(links: &mut Vec<Link>, draft: LinkDraft, now: DateTime<Utc>) {
    let LinkDraft {
        company_id,
        position,
        primary,
    } = draft;
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
        links.push(Link {
            company_id,
            position,
            primary: takes_over,
            created_at: now,
        });
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
    if let Some(oldest) = links
        .iter_mut()
        .min_by_key(|link| (link.created_at, link.company_id))
    {
        oldest.primary = true;
    }
}

/// Replaces the links that someone can see by those given; hidden ones stay. Links that continue keep their age.
///
/// # Errors
/// Every fault: a company named twice, two primaries.
pub fn replace(
    links: &[Link],
    is_visible: impl Fn(CompanyId) -> bool,
    drafts: Vec<LinkDraft>,
    now: DateTime<Utc>,
) -> Result<Vec<Link>, Vec<Fault>> {
    let faults = faults(&drafts);
    if !faults.is_empty() {
        return Err(faults);
    }
    let named = |company| drafts.iter().any(|draft| draft.company_id == company);
    let mut replaced: Vec<Link> = links.to_vec();
    replaced.retain(|link| !is_visible(link.company_id) || named(link.company_id));
    for draft in drafts {
        put(&mut replaced, draft, now);
    }
    promote(&mut replaced);
    Ok(replaced)
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
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn draft(company: i64, primary: Option<bool>) -> LinkDraft {
        LinkDraft {
            company_id: CompanyId(company),
            position: None,
            primary,
        }
    }

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(second, 0).unwrap()
    }

    fn primary(links: &[Link]) -> Vec<i64> {
        links
            .iter()
            .filter(|link| link.primary)
            .map(|link| link.company_id.0)
            .collect()
    }

    #[test]
    fn the_first_is_primary_and_a_new_primary_takes_over() {
        let mut links = Vec::new();
        put(&mut links, draft(1, Some(false)), at(1));
        assert_eq!(primary(&links), [1]);
        put(&mut links, draft(2, None), at(2));
        assert_eq!(primary(&links), [1]);
        put(&mut links, draft(2, Some(true)), at(3));
        assert_eq!(primary(&links), [2]);
        put(&mut links, draft(2, Some(false)), at(4));
        assert_eq!(primary(&links), [2]);
    }

    #[test]
    fn removing_the_primary_promotes_the_oldest() {
        let mut links = Vec::new();
        for company in [3, 1, 2] {
            put(&mut links, draft(company, Some(true)), at(10 - company));
        }
        remove(&mut links, CompanyId(2));
        assert_eq!(primary(&links), [3]);
    }

    #[test]
    fn hidden_links_survive_a_replacement() {
        let mut links = Vec::new();
        put(&mut links, draft(1, None), at(1));
        put(&mut links, draft(2, None), at(2));
        let replaced = replace(
            &links,
            |company| company != CompanyId(1),
            vec![draft(3, None)],
            at(3),
        )
        .unwrap();
        let companies: Vec<_> = replaced.iter().map(|link| link.company_id.0).collect();
        assert_eq!((companies, primary(&replaced)), (vec![1, 3], vec![1]));
        let twice = replace(
            &links,
            |_| true,
            vec![draft(3, Some(true)), draft(3, Some(true))],
            at(3),
        )
        .unwrap_err();
        assert_eq!(
            twice.iter().map(|fault| fault.code).collect::<Vec<_>>(),
            [FaultCode::Duplicate, FaultCode::SecondPrimary]
        );
    }

    proptest! {
        #[test]
        fn whatever_happens_there_is_exactly_one_primary(steps in prop::collection::vec((0..3u8, 0..5i64, any::<Option<bool>>()), 0..30)) {
            let mut links = Vec::new();
            for (second, (step, company, flag)) in steps.into_iter().enumerate() {
                let now = at(i64::try_from(second).unwrap());
                match step {
                    0 => remove(&mut links, CompanyId(company)),
                    1 => put(&mut links, draft(company, flag), now),
                    _ => links = replace(&links, |c| c.0 % 2 == 0, vec![draft(company, flag)], now).unwrap(),
                }
                prop_assert_eq!(primary(&links).len(), usize::from(!links.is_empty()));
            }
        }
    }
}

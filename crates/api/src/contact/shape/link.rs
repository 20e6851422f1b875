//! How the links of a contact look in JSON, and what happens to them.

use artel_domain::{
    activity::Change,
    company::{CompanyId, CompanyName},
    error::{Error as Refusal, Fault, FaultCode},
    link::{self, JobTitle, Link, LinkDraft},
};
use artel_persistence::{
    Result as StorageResult, Tx, company,
    contact::Card,
    link::{LinkedCompany, Visibility},
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use crate::write::Write;

/// A company that a contact belongs to.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"company_id": 1, "position": "CTO", "primary": true}))]
pub struct LinkInput {
    /// The company.
    company_id: CompanyId,
    /// What the contact is there.
    #[serde(default)]
    position: Option<JobTitle>,
    /// Whether it comes first. The first company does, until another takes over.
    #[serde(default)]
    #[schema(nullable = false)]
    primary: Option<bool>,
}

impl From<LinkInput> for LinkDraft {
    fn from(input: LinkInput) -> Self {
        let LinkInput { company_id, position, primary } = input;
        Self { company_id, position, primary }
    }
}

/// A company that a contact belongs to.
#[derive(Clone, Serialize, ToSchema)]
#[schema(example = json!({"company_id": 4, "name": "Ёлки и палки", "position": "CEO", "primary": true}))]
pub struct LinkView {
    /// The company.
    company_id: CompanyId,
    /// What it is called.
    name: CompanyName,
    /// What the contact is there.
    #[schema(required = true)]
    position: Option<JobTitle>,
    /// Whether it comes first; of the companies of a contact exactly one does.
    primary: bool,
}

impl LinkView {
    /// The links that may be shown.
    pub fn visible(companies: Vec<LinkedCompany>) -> Vec<Self> {
        let visible = companies.into_iter().filter(|company| company.visibility == Visibility::Visible);
        visible.map(Self::from).collect()
    }
}

impl From<LinkedCompany> for LinkView {
    fn from(company: LinkedCompany) -> Self {
        let LinkedCompany {
            link: Link { company_id, position, primary, created_at: _ },
            name,
            visibility: _,
        } = company;
        Self { company_id, name, position, primary }
    }
}

/// The links of a contact as they are to be.
pub struct Linking {
    /// Every link with what it leads to.
    pub companies: Vec<LinkedCompany>,
}

impl Linking {
    /// Replaces the links by those sent, if any were; a company that the caller may not read is a fault.
    pub async fn replace(
        tx: &Tx,
        write: &Write,
        before: &[LinkedCompany],
        sent: Option<Vec<LinkInput>>,
        faults: &mut Vec<Fault>,
    ) -> StorageResult<Self> {
        let Some(sent) = sent.filter(|sent| !(sent.is_empty() && before.is_empty())) else {
            return Ok(Self { companies: before.to_vec() });
        };
        let drafts: Vec<LinkDraft> = sent.into_iter().map(LinkDraft::from).collect();
        let named: Vec<CompanyId> = drafts.iter().map(|draft| draft.company_id).collect();
        let known = company::load_names(tx, write.me(), &named).await?;
        faults.extend(unknown(&named, &known));
        let links: Vec<Link> = before.iter().map(|company| company.link.clone()).collect();
        let hidden =
            |id| before.iter().any(|it| it.link.company_id == id && it.visibility == Visibility::Hidden);
        match link::replace(&links, |id| !hidden(id), drafts, write.now()) {
            Ok(after) => Ok(Self { companies: titled(after, before, &known) }),
            Err(found) => {
                faults.extend(found);
                Ok(Self { companies: before.to_vec() })
            }
        }
    }

    /// Adds one link or changes it.
    pub async fn put(tx: &Tx, write: &Write, before: &Card, draft: LinkDraft) -> StorageResult<Self> {
        let known = company::load_names(tx, write.me(), &[draft.company_id]).await?;
        if known.is_empty() {
            return Err(Refusal::NotFound.into());
        }
        let mut links = before.links();
        link::put(&mut links, draft, write.now())?;
        Ok(Self { companies: titled(links, &before.companies, &known) })
    }

    /// Removes one link.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] where there is none, or the caller may not know.
    pub fn remove(before: &Card, company: CompanyId) -> Result<Self, Refusal> {
        if !before.shows(company) {
            return Err(Refusal::NotFound);
        }
        let mut links = before.links();
        link::remove(&mut links, company);
        Ok(Self { companies: titled(links, &before.companies, &[]) })
    }

    /// The links alone.
    pub fn after(&self) -> Vec<Link> {
        self.companies.iter().map(|company| company.link.clone()).collect()
    }

    /// The difference between two states of the links, for the activity log.
    pub fn changes(before: &[Link], after: &[Link]) -> Vec<Change> {
        if before == after {
            return Vec::new();
        }
        vec![Change { field: "companies".to_owned(), old: json!(before), new: json!(after) }]
    }
}

fn unknown(named: &[CompanyId], known: &[(CompanyId, CompanyName)]) -> Vec<Fault> {
    let is_known = |company: &CompanyId| known.iter().any(|(id, _)| id == company);
    let unknown = named.iter().enumerate().filter(|(_, company)| !is_known(company));
    let pointer = |position| format!("/companies/{position}/company_id");
    unknown.map(|(position, _)| Fault::new(pointer(position), FaultCode::Unknown, "does not exist")).collect()
}

/// The links in their order, each with the name of what it leads to: known before, or just looked up.
fn titled(
    mut after: Vec<Link>,
    before: &[LinkedCompany],
    found: &[(CompanyId, CompanyName)],
) -> Vec<LinkedCompany> {
    let known = |link: Link| {
        let old = before.iter().find(|company| company.link.company_id == link.company_id);
        let new = found.iter().find(|(id, _)| *id == link.company_id).map(|(_, name)| name);
        let name = new.or(old.map(|company| &company.name))?.clone();
        let visibility = old.map_or(Visibility::Visible, |company| company.visibility);
        Some(LinkedCompany { link, name, visibility })
    };
    after.sort_by_key(Link::rank);
    after.into_iter().filter_map(known).collect()
}

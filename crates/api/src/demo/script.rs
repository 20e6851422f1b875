//! What the demo organisation consists of, read from the tables in the folder `tables`. Days are told as how many
//! days ago they were.

use artel_domain::{
    actor::UserId,
    company::CompanyFields,
    contact::{ContactFields, ContactName},
    department::DepartmentName,
    dictionary::{DictionaryKind, Entry},
    link::JobTitle,
    point::PointDraft,
    record::{ExternalId, ExternalSource},
    user::UserFields,
};

use super::{
    table::{Misprint, cell, list, optional, read},
    work::Work,
};

/// The domain of the addresses to sign in with.
const DOMAIN: &str = "demo.artel";
/// The system that some records were taken from.
const SOURCE: &str = "hubspot";
/// Stands for the responsible user until the people have their ids.
const NOBODY: UserId = UserId(0);

/// The whole demo organisation.
#[derive(Debug)]
pub struct Script {
    /// Its departments; each stands below the one it belongs to.
    pub departments: Vec<Department>,
    /// Its people, the first administrator first.
    pub people: Vec<Person>,
    /// What it adds to the dictionaries.
    pub entries: Vec<(DictionaryKind, Entry)>,
    /// The companies it knows.
    pub companies: Vec<Row<CompanyFields>>,
    /// The people it knows.
    pub contacts: Vec<Row<ContactFields>>,
    /// Who works where.
    pub jobs: Vec<Job>,
    /// What its people work on.
    pub work: Work,
}

/// A department.
#[derive(Debug)]
pub struct Department {
    /// What it is called.
    pub name: DepartmentName,
    /// The name of the one above it.
    pub above: Option<&'static str>,
    /// The login of its head.
    pub head: &'static str,
}

/// Somebody who works in the organisation or with it.
#[derive(Debug)]
pub struct Person {
    /// What stands before the `@` of their address.
    pub login: &'static str,
    /// Who they are, but for the department.
    pub fields: UserFields,
    /// The name of their department.
    pub department: Option<&'static str>,
    /// When they lost access.
    pub left: Option<i64>,
}

/// A contact or a company, and what became of it.
#[derive(Debug)]
pub struct Row<F> {
    /// The name by which the tables speak of it.
    pub name: &'static str,
    /// The login of the person who made it and looks after it.
    pub keeper: &'static str,
    /// What it holds, but for the responsible user and the contact points.
    pub fields: F,
    /// How to reach it.
    pub points: Vec<PointDraft>,
    /// When it was made.
    pub made: i64,
    /// When somebody last confirmed it.
    pub confirmed: Option<i64>,
    /// When it was put into the trash.
    pub trashed: Option<i64>,
}

/// What a contact is in a company.
#[derive(Debug)]
pub struct Job {
    /// The name of the contact.
    pub contact: &'static str,
    /// The name of the company.
    pub company: &'static str,
    /// What they are there.
    pub position: JobTitle,
    /// Whether it comes first although it was not named first.
    pub first: bool,
}

impl Script {
    /// Reads the tables.
    ///
    /// # Errors
    /// The first row that cannot be read.
    pub fn read() -> Result<Self, Misprint> {
        Ok(Self {
            departments: read("departments", include_str!("tables/departments.txt"), department)?,
            people: read("people", include_str!("tables/people.txt"), person)?,
            entries: read("entries", include_str!("tables/entries.txt"), entry)?,
            companies: companies()?,
            contacts: contacts()?,
            jobs: read("jobs", include_str!("tables/jobs.txt"), job)?,
            work: Work::read()?,
        })
    }
}

fn department([name, above, head]: [&'static str; 3]) -> Result<Department, String> {
    Ok(Department { name: cell(name)?, above: Some(above).filter(|above| !above.is_empty()), head })
}

fn person(cells: [&'static str; 9]) -> Result<Person, String> {
    let [login, first, last, position, role, department, zone, locale, left] = cells;
    let fields = UserFields {
        email: cell(&format!("{login}@{DOMAIN}"))?,
        first_name: cell(first)?,
        last_name: cell(last)?,
        position: optional(position)?,
        role: cell(role)?,
        department_id: None,
        time_zone: cell(zone)?,
        locale: cell(locale)?,
    };
    Ok(Person {
        login,
        fields,
        department: Some(department).filter(|name| !name.is_empty()),
        left: optional(left)?,
    })
}

fn entry([dictionary, code, name]: [&'static str; 3]) -> Result<(DictionaryKind, Entry), String> {
    let entry = Entry { code: cell(code)?, name: cell(name)? };
    Ok((cell(dictionary)?, entry))
}

fn job([contact, company, position, place]: [&'static str; 4]) -> Result<Job, String> {
    Ok(Job { contact, company, position: cell(position)?, first: mark(place, "", "first")? })
}

fn point(
    [whose, kind, label, value, place]: [&'static str; 5],
) -> Result<(&'static str, PointDraft), String> {
    let point = PointDraft {
        id: None,
        kind: cell(kind)?,
        label: optional(label)?,
        value: cell(value)?,
        primary: mark(place, "", "first")?,
    };
    Ok((whose, point))
}

fn companies() -> Result<Vec<Row<CompanyFields>>, Misprint> {
    let points = read("company_points", include_str!("tables/company_points.txt"), point)?;
    read("companies", include_str!("tables/companies.txt"), |cells| company(cells, &points))
}

fn company(
    cells: [&'static str; 15],
    points: &[(&'static str, PointDraft)],
) -> Result<Row<CompanyFields>, String> {
    let [name, kind, industry, size, registration, tax, source, rest @ ..] = cells;
    let [keeper, sharing, made, confirmed, trashed, hubspot, tags, comment] = rest;
    let (external_source, external_id) = external(hubspot)?;
    let fields = CompanyFields {
        name: cell(name)?,
        kind: optional(kind)?,
        industry: optional(industry)?,
        size: optional(size)?,
        registration_number: optional(registration)?,
        tax_number: optional(tax)?,
        source: optional(source)?,
        responsible_id: NOBODY,
        shared: mark(sharing, "private", "shared")?,
        comment: optional(comment)?,
        points: Vec::new(),
        tags: list(tags)?,
        external_source,
        external_id,
        verified_at: None,
    };
    row(name, keeper, [made, confirmed, trashed], fields, points)
}

fn contacts() -> Result<Vec<Row<ContactFields>>, Misprint> {
    let points = read("contact_points", include_str!("tables/contact_points.txt"), point)?;
    read("contacts", include_str!("tables/contacts.txt"), |cells| contact(cells, &points))
}

fn contact(
    cells: [&'static str; 13],
    points: &[(&'static str, PointDraft)],
) -> Result<Row<ContactFields>, String> {
    let [name, position, kind, source, birthday, rest @ ..] = cells;
    let [keeper, sharing, made, confirmed, trashed, hubspot, tags, comment] = rest;
    let [first_name, middle_name, last_name] = names(name)?;
    let (external_source, external_id) = external(hubspot)?;
    let fields = ContactFields {
        first_name,
        middle_name,
        last_name,
        position: optional(position)?,
        kind: optional(kind)?,
        source: optional(source)?,
        birthday: optional(birthday)?,
        responsible_id: NOBODY,
        shared: mark(sharing, "private", "shared")?,
        comment: optional(comment)?,
        points: Vec::new(),
        tags: list(tags)?,
        external_source,
        external_id,
        verified_at: None,
    };
    row(name, keeper, [made, confirmed, trashed], fields, points)
}

fn row<F>(
    name: &'static str,
    keeper: &'static str,
    [made, confirmed, trashed]: [&str; 3],
    fields: F,
    points: &[(&'static str, PointDraft)],
) -> Result<Row<F>, String> {
    let own = points.iter().filter(|(whose, _)| *whose == name);
    Ok(Row {
        name,
        keeper,
        fields,
        points: own.map(|(_, point)| point.clone()).collect(),
        made: cell(made)?,
        confirmed: optional(confirmed)?,
        trashed: optional(trashed)?,
    })
}

/// First, middle and last name out of one to three words.
fn names(name: &str) -> Result<[Option<ContactName>; 3], String> {
    let words: Vec<&str> = name.split_whitespace().collect();
    match words.as_slice() {
        [first] => Ok([Some(cell(first)?), None, None]),
        [first, last] => Ok([Some(cell(first)?), None, Some(cell(last)?)]),
        [first, middle, last] => Ok([Some(cell(first)?), Some(cell(middle)?), Some(cell(last)?)]),
        _ => Err(format!("{name:?} has neither one, two nor three words")),
    }
}

fn external(id: &str) -> Result<(Option<ExternalSource>, Option<ExternalId>), String> {
    let id: Option<ExternalId> = optional(id)?;
    let source = id.is_some().then(|| cell(SOURCE)).transpose()?;
    Ok((source, id))
}

/// A cell that says one of two things: whether it says the second.
fn mark(text: &str, no: &str, yes: &str) -> Result<bool, String> {
    match text {
        _ if text == no => Ok(false),
        _ if text == yes => Ok(true),
        _ => Err(format!("{text:?} is neither {no:?} nor {yes:?}")),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    #[expect(clippy::too_many_lines, reason = "a line for each column that holds a name")]
    fn every_name_that_the_tables_use_is_one_that_they_introduce() {
        let script = Script::read().unwrap();
        let people: BTreeSet<_> = script.people.iter().map(|person| person.login).collect();
        let departments: BTreeSet<_> = script.departments.iter().map(|it| it.name.as_str()).collect();
        let companies: BTreeSet<_> = script.companies.iter().map(|company| company.name).collect();
        let contacts: BTreeSet<_> = script.contacts.iter().map(|contact| contact.name).collect();
        let known = |names: &BTreeSet<&str>, name: &str| assert!(names.contains(name), "{name}");
        for department in &script.departments {
            known(&people, department.head);
            department.above.iter().for_each(|above| known(&departments, above));
        }
        for person in &script.people {
            person.department.iter().for_each(|name| known(&departments, name));
        }
        script.companies.iter().for_each(|company| known(&people, company.keeper));
        script.contacts.iter().for_each(|contact| known(&people, contact.keeper));
        for job in &script.jobs {
            known(&companies, job.company);
            known(&contacts, job.contact);
        }
        let records = companies.union(&contacts).copied().collect();
        let projects: BTreeSet<_> = script.work.projects.iter().map(|project| project.key).collect();
        let tasks: BTreeSet<_> = script.work.tasks.iter().map(|task| task.key).collect();
        assert_eq!(tasks.len(), script.work.tasks.len(), "each task has a key of its own");
        script.work.projects.iter().for_each(|project| known(&people, project.owner));
        for member in &script.work.members {
            known(&projects, member.project);
            known(&people, member.who);
            known(&people, member.by);
        }
        for task in &script.work.tasks {
            task.project.iter().for_each(|key| known(&projects, key));
            task.parent.iter().for_each(|key| known(&tasks, key));
            known(&people, task.creator);
            known(&people, task.responsible);
            let others = task.co_executors.iter().chain(&task.observers).chain(&task.reviewer);
            others.for_each(|login| known(&people, login));
            task.concerns.iter().for_each(|name| known(&records, name));
        }
        for step in &script.work.steps {
            known(&tasks, step.task);
            known(&people, step.who);
        }
        for (names, text) in [
            (&companies, include_str!("tables/company_points.txt")),
            (&contacts, include_str!("tables/contact_points.txt")),
        ] {
            let points = read("points", text, point).unwrap();
            for (whose, _) in &points {
                known(names, whose);
            }
        }
    }
}

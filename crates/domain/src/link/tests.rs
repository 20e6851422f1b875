//! Which links come out of a change, and that a contact has one primary company whenever it has any.

use proptest::prelude::*;

use super::*;

fn draft(company: i64, primary: Option<bool>) -> LinkDraft {
    LinkDraft { company_id: CompanyId(company), position: None, primary }
}

fn at(second: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(second, 0).unwrap()
}

fn primary(links: &[Link]) -> Vec<i64> {
    links.iter().filter(|link| link.primary).map(|link| link.company_id.0).collect()
}

#[test]
fn the_first_is_primary_and_a_new_primary_takes_over() {
    let mut links = Vec::new();
    put(&mut links, draft(1, Some(false)), at(1)).unwrap();
    assert_eq!(primary(&links), [1]);
    put(&mut links, draft(2, None), at(2)).unwrap();
    assert_eq!(primary(&links), [1]);
    put(&mut links, draft(2, Some(true)), at(3)).unwrap();
    assert_eq!(primary(&links), [2]);
    put(&mut links, draft(2, Some(false)), at(4)).unwrap();
    assert_eq!(primary(&links), [2]);
}

#[test]
fn removing_the_primary_promotes_the_oldest() {
    let mut links = Vec::new();
    for company in [3, 1, 2] {
        put(&mut links, draft(company, Some(true)), at(10 - company)).unwrap();
    }
    remove(&mut links, CompanyId(2));
    assert_eq!(primary(&links), [3]);
}

#[test]
fn the_oldest_of_those_that_stay_follows_a_primary_that_a_list_leaves_out() {
    let mut links = Vec::new();
    for company in [1, 2, 3] {
        put(&mut links, draft(company, None), at(company)).unwrap();
    }
    let drafts = |companies: &[i64]| companies.iter().map(|company| draft(*company, None)).collect();
    let all = |_| true;
    assert_eq!(primary(&replace(&links, all, drafts(&[3, 2]), at(9)).unwrap()), [2]);
    assert_eq!(primary(&replace(&links, all, drafts(&[4, 3]), at(9)).unwrap()), [3]);
    assert_eq!(primary(&replace(&links, all, drafts(&[5, 4]), at(9)).unwrap()), [5]);
    let three_is_hidden = |company| company != CompanyId(3);
    assert_eq!(primary(&replace(&links, three_is_hidden, drafts(&[4]), at(9)).unwrap()), [3]);
    let takes_over = vec![draft(3, None), draft(2, Some(true))];
    assert_eq!(primary(&replace(&links, all, takes_over, at(9)).unwrap()), [2]);
}

#[test]
fn a_contact_has_only_so_many_companies() {
    let many = |count| (1..).take(count).map(|company| draft(company, None)).collect();
    let full = replace(&[], |_| true, many(MOST_LINKS), at(1)).unwrap();
    let mut links = full.clone();
    assert_eq!(put(&mut links, draft(999, None), at(2)), Err(Conflict::LimitReached.into()));
    assert_eq!(links, full);
    assert_eq!(put(&mut links, draft(5, Some(true)), at(2)), Ok(()));
    let faults = replace(&[], |_| true, many(MOST_LINKS + 1), at(1)).unwrap_err();
    assert_eq!((faults[0].pointer.as_str(), faults[0].code), ("/companies", FaultCode::OutOfRange));
    let hidden = replace(&full, |company| company != CompanyId(1), many(MOST_LINKS + 1).split_off(1), at(2));
    assert_eq!(hidden.unwrap_err()[0].code, FaultCode::OutOfRange, "hidden ones count");
}

#[test]
fn the_primary_is_shown_first_then_the_oldest() {
    let mut links = Vec::new();
    for (company, second) in [(4, 2), (3, 1), (2, 1), (5, 3)] {
        put(&mut links, draft(company, Some(company == 5)), at(second)).unwrap();
    }
    links.sort_by_key(Link::rank);
    let order: Vec<_> = links.iter().map(|link| link.company_id.0).collect();
    assert_eq!(order, [5, 2, 3, 4]);
}

#[test]
fn hidden_links_survive_a_replacement() {
    let mut links = Vec::new();
    put(&mut links, draft(1, None), at(1)).unwrap();
    put(&mut links, draft(2, None), at(2)).unwrap();
    let replaced = replace(&links, |company| company != CompanyId(1), vec![draft(3, None)], at(3)).unwrap();
    let companies: Vec<_> = replaced.iter().map(|link| link.company_id.0).collect();
    assert_eq!((companies, primary(&replaced)), (vec![1, 3], vec![1]));
    let twice =
        replace(&links, |_| true, vec![draft(3, Some(true)), draft(3, Some(true))], at(3)).unwrap_err();
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
                1 => put(&mut links, draft(company, flag), now).unwrap(),
                _ => links = replace(&links, |c| c.0 % 2 == 0, vec![draft(company, flag)], now).unwrap(),
            }
            prop_assert_eq!(primary(&links).len(), usize::from(!links.is_empty()));
        }
    }
}

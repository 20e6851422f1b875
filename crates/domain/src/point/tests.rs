//! Which points come out of a list, and what is refused.

use proptest::prelude::*;

use super::*;

fn draft(kind: PointKind, value: &str) -> PointDraft {
    PointDraft { id: None, kind, label: None, value: value.parse().unwrap(), primary: false }
}

fn primary(kind: PointKind, value: &str) -> PointDraft {
    PointDraft { primary: true, ..draft(kind, value) }
}

fn with_id(id: i64, draft: PointDraft) -> PointDraft {
    PointDraft { id: Some(PointId(id)), ..draft }
}

/// The points that the drafts become in an empty record, with ids from 1.
fn stored(drafts: Vec<PointDraft>) -> Vec<Point> {
    let mut points = assemble(drafts, &[], None).unwrap();
    for (id, point) in (1..).zip(&mut points) {
        point.id = Some(PointId(id));
    }
    points
}

fn ids(points: &[Point]) -> Vec<Option<i64>> {
    points.iter().map(|point| point.id.map(|id| id.0)).collect()
}

fn primaries(points: &[Point]) -> Vec<bool> {
    points.iter().map(|point| point.primary).collect()
}

fn faults(drafts: Vec<PointDraft>, existing: &[Point]) -> Vec<(String, FaultCode)> {
    let faults = assemble(drafts, existing, None).unwrap_err();
    faults.into_iter().map(|fault| (fault.pointer, fault.code)).collect()
}

#[test]
fn values_are_normalised_and_kept_as_typed() {
    let drafts = vec![
        draft(PointKind::Phone, "8 (912) 345-67-89"),
        draft(PointKind::Phone, "ask Ann"),
        draft(PointKind::Email, "Ann@Example.COM"),
        draft(PointKind::Messenger, "@Ann"),
        draft(PointKind::Address, "Москва, ул. Ёлочная 1"),
    ];
    let points = assemble(drafts, &[], "RU".parse().ok()).unwrap();
    let normalised: Vec<_> = points.iter().map(|point| point.normalised.as_deref()).collect();
    let expected =
        [Some("+79123456789"), None, Some("ann@example.com"), Some("ann"), Some("москва, ул. елочная 1")];
    assert_eq!(normalised, expected);
    assert_eq!(points[0].value.as_str(), "8 (912) 345-67-89");
}

#[test]
fn the_first_of_a_kind_is_primary_unless_another_is_marked() {
    let points = stored(vec![
        draft(PointKind::Phone, "1"),
        primary(PointKind::Phone, "2"),
        draft(PointKind::Email, "a@example.com"),
        draft(PointKind::Email, "b@example.com"),
    ]);
    assert_eq!(primaries(&points), [false, true, true, false]);
}

#[test]
fn an_id_is_kept_by_name_and_by_value() {
    let before = stored(vec![draft(PointKind::Phone, "1"), draft(PointKind::Email, "a@example.com")]);
    let drafts = vec![
        with_id(2, draft(PointKind::Email, "b@example.com")),
        draft(PointKind::Phone, "1"),
        draft(PointKind::Phone, "1"),
        draft(PointKind::Site, "1"),
    ];
    let after = assemble(drafts, &before, None).unwrap();
    assert_eq!(ids(&after), [Some(2), Some(1), None, None]);
}

#[test]
fn a_point_that_is_named_is_not_taken_by_its_value() {
    let before = stored(vec![draft(PointKind::Phone, "1")]);
    let drafts = vec![draft(PointKind::Phone, "1"), with_id(1, draft(PointKind::Phone, "2"))];
    let after = assemble(drafts, &before, None).unwrap();
    assert_eq!(ids(&after), [None, Some(1)]);
}

#[test]
fn every_fault_is_reported_where_it_is() {
    let existing = stored(vec![draft(PointKind::Site, "a")]);
    let drafts = vec![
        with_id(1, primary(PointKind::Site, "a")),
        with_id(1, draft(PointKind::Site, "a")),
        with_id(8, draft(PointKind::Site, "a")),
        draft(PointKind::Email, "no mail"),
        primary(PointKind::Site, "b"),
    ];
    let expected = [
        ("/points/1/id", FaultCode::Duplicate),
        ("/points/2/id", FaultCode::Unknown),
        ("/points/4/primary", FaultCode::SecondPrimary),
        ("/points/3/value", FaultCode::Malformed),
    ];
    assert_eq!(faults(drafts, &existing), expected.map(|(pointer, code)| (pointer.to_owned(), code)));
}

#[test]
fn a_record_has_only_so_many_points() {
    let many = |count| vec![draft(PointKind::Phone, "1"); count];
    assert!(assemble(many(MOST_POINTS), &[], None).is_ok());
    assert_eq!(faults(many(MOST_POINTS + 1), &[]), [("/points".to_owned(), FaultCode::OutOfRange)]);
}

/// Lists in which values repeat.
fn lists() -> impl Strategy<Value = Vec<PointDraft>> {
    let point = (prop::sample::select(PointKind::ALL), 0..4_u8);
    let list = prop::collection::vec(point, 0..20);
    list.prop_map(|points| {
        let draft = |(kind, n)| draft(kind, &format!("n{n}@example.com"));
        points.into_iter().map(draft).collect()
    })
}

proptest! {
    #[test]
    fn any_list_comes_out_with_one_primary_of_each_kind(drafts in lists()) {
        let points = stored(drafts);
        for kind in PointKind::ALL {
            let of_kind: Vec<_> = points.iter().filter(|point| point.kind == *kind).collect();
            let primaries = of_kind.iter().filter(|point| point.primary).count();
            prop_assert_eq!(primaries, usize::from(!of_kind.is_empty()));
        }
    }

    #[test]
    fn saving_a_list_again_changes_nothing(drafts in lists()) {
        let points = stored(drafts.clone());
        prop_assert_eq!(assemble(drafts, &points, None).unwrap(), points);
    }

    #[test]
    fn any_value_has_a_normal_form_or_is_refused(value in "\\PC{1,80}", kind in prop::sample::select(PointKind::ALL)) {
        let _ = normalise(kind, &value, "RU".parse().ok());
    }
}

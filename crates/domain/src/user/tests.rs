use super::*;
use crate::{
    actor::{SessionId, Via},
    level::Levels,
};

const NOW: DateTime<Utc> = DateTime::UNIX_EPOCH;

fn user(id: i64, role: Role) -> User {
    let fields = UserFields {
        email: format!("user{id}@example.com").parse().unwrap(),
        first_name: "Ann".parse().unwrap(),
        last_name: "Lee".parse().unwrap(),
        position: None,
        role,
        department_id: None,
        time_zone: TimeZone::UTC,
        locale: Locale::En,
    };
    User { id: UserId(id), fields, version: 1, created_at: NOW, updated_at: NOW, deactivated_at: None }
}

fn actor(id: i64, role: Role) -> Actor {
    Actor { user: UserId(id), role, via: Via::Session(SessionId(1)), levels: Levels::default_of(role) }
}

#[test]
fn only_administrators_manage_users() {
    for role in Role::ALL {
        for id in [1, 2] {
            let by = actor(id, *role);
            let mut target = user(1, Role::Employee);
            let fields = UserFields { first_name: "Eve".parse().unwrap(), ..target.fields.clone() };
            let edited = target.edit(&by, None, fields, OtherAdmins::Some, NOW).map(|_| ());
            let deactivated = target.deactivate(&by, None, OtherAdmins::Some, NOW);
            let mut gone = user(1, Role::Employee);
            gone.deactivated_at = Some(NOW);
            let activated = gone.activate(&by, None, NOW);
            let expected = by.require_admin();
            assert_eq!(
                [edited, deactivated, activated],
                [expected.clone(), expected.clone(), expected],
                "{by:?}"
            );
        }
    }
}

#[test]
fn the_last_active_administrator_stays() {
    let admin = actor(1, Role::Admin);
    for role in Role::ALL {
        for active in [true, false] {
            for others in [OtherAdmins::Some, OtherAdmins::None] {
                let mut target = user(1, *role);
                target.deactivated_at = (!active).then_some(NOW);
                let last = *role == Role::Admin && active && others == OtherAdmins::None;
                let mut copy = target.clone();
                let demoted = UserFields { role: Role::Guest, ..copy.fields.clone() };
                let edited = copy.edit(&admin, None, demoted, others, NOW);
                assert_eq!(edited.is_err(), last, "{role} {active} {others:?}");
                let expected = match (active, last) {
                    (false, _) => Err(Conflict::InvalidTransition.into()),
                    (true, true) => Err(Conflict::LastAdmin.into()),
                    (true, false) => Ok(()),
                };
                assert_eq!(target.deactivate(&admin, None, others, NOW), expected);
            }
        }
    }
    let mut alone = user(1, Role::Admin);
    let renamed = UserFields { first_name: "Eve".parse().unwrap(), ..alone.fields.clone() };
    assert!(alone.edit(&admin, None, renamed, OtherAdmins::None, NOW).is_ok());
}

#[test]
fn people_change_their_own_profile_and_nobody_elses() {
    let mut ann = user(1, Role::Guest);
    let profile = ProfileFields { locale: Locale::Ru, ..ann.profile() };
    assert_eq!(ann.edit_profile(&actor(2, Role::Admin), None, profile.clone(), NOW), Err(Error::NotFound));
    assert_eq!(ann.edit_profile(&actor(1, Role::Guest), Some(7), profile.clone(), NOW), Err(Error::Stale));
    let changes = ann.edit_profile(&actor(1, Role::Guest), Some(1), profile, NOW).unwrap();
    assert_eq!((changes.len(), changes[0].field.as_str(), ann.version), (1, "locale", 2));
    assert_eq!(ann.fields.role, Role::Guest);
}

#[test]
fn an_heir_is_another_active_member_of_the_staff() {
    for role in Role::ALL {
        for active in [true, false] {
            let mut heir = user(2, *role);
            heir.deactivated_at = (!active).then_some(NOW);
            let fit = active && *role != Role::Guest;
            assert_eq!(heir.check_heir_of(UserId(1), "/reassign_to").is_ok(), fit);
            assert!(heir.check_heir_of(UserId(2), "/reassign_to").is_err());
        }
    }
}

#[test]
fn guests_know_themselves_and_the_people_of_their_projects() {
    for role in Role::ALL {
        assert!(is_visible(&actor(1, *role), UserId(1), Tie::None));
        assert!(is_visible(&actor(1, *role), UserId(2), Tie::Project));
        assert_eq!(is_visible(&actor(1, *role), UserId(2), Tie::None), *role != Role::Guest);
    }
}

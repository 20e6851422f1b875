//! The whole grid, printed to `access.txt` beside the code: reviewing a change of policy is reading its diff.

use std::fmt::Write as _;

use super::*;
use crate::actor::{SessionId, Via};

fn actor(levels: Levels) -> Actor {
    Actor { user: UserId(1), role: Role::Employee, via: Via::Session(SessionId(1)), levels }
}

fn standings() -> [(&'static str, Standing); 5] {
    let someone = Standing { responsible: UserId(2), below: false, shared: false };
    [
        ("own", Standing { responsible: UserId(1), ..someone }),
        ("below", Standing { below: true, ..someone }),
        ("shared", Standing { shared: true, ..someone }),
        ("below, shared", Standing { below: true, shared: true, ..someone }),
        ("other", someone),
    ]
}

fn verdict(actor: &Actor, standing: Standing, action: CrmAction) -> &'static str {
    match standing.check(actor, action) {
        Ok(()) => "yes",
        Err(Error::Forbidden(_)) => "403",
        Err(_) => "404",
    }
}

fn row(grid: &mut String, head: [&str; 2], cells: [&str; 5]) {
    let [own, below, shared, both, other] = cells;
    writeln!(grid, "{:<12}{:<12}{own:<6}{below:<7}{shared:<8}{both:<15}{other}", head[0], head[1]).unwrap();
}

fn cells(levels: Levels, action: CrmAction) -> [&'static str; 5] {
    standings().map(|(_, standing)| verdict(&actor(levels), standing, action))
}

fn grid() -> String {
    let names = standings().map(|(name, _)| name);
    let mut grid = String::from("# Whatever the levels of reading and of another action are\n");
    row(&mut grid, ["read", "action"], names);
    for read in Level::ALL {
        for level in Level::ALL {
            let levels = Levels { read: *read, write: *level, ..Levels::NONE };
            row(&mut grid, [read.as_str(), level.as_str()], cells(levels, CrmAction::Write));
        }
    }
    grid.push_str("\n# What a new organisation starts with\n");
    row(&mut grid, ["role", "action"], names);
    for role in Role::ALL {
        for action in CrmAction::ALL {
            row(&mut grid, [role.as_str(), action.as_str()], cells(Levels::default_of(*role), *action));
        }
    }
    grid
}

#[test]
fn the_grid_is_the_one_that_was_reviewed() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/access.txt");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(path, grid()).unwrap();
    }
    assert!(
        std::fs::read_to_string(path).unwrap_or_default() == grid(),
        "run the test with UPDATE=1 and read the diff"
    );
}

/// The same rule in other words: the design's sentence about each level.
fn reaches(level: Level, standing: Standing) -> bool {
    let own = standing.responsible == UserId(1);
    match level {
        Level::None => false,
        Level::Own => own,
        Level::Department => own || standing.below,
        Level::Shared => own || standing.below || standing.shared,
        Level::All => true,
    }
}

#[test]
fn a_level_reaches_what_the_design_says_and_nothing_passes_reading() {
    for read in Level::ALL {
        for level in Level::ALL {
            for (name, standing) in standings() {
                let someone = actor(Levels { read: *read, delete: *level, ..Levels::NONE });
                let expected = reaches(*read, standing) && reaches(*level, standing);
                assert_eq!(standing.permits(&someone, CrmAction::Delete), expected, "{read} {level} {name}");
            }
        }
    }
}

#[test]
fn only_the_row_of_employees_can_be_set_and_only_by_administrators() {
    let admin = Actor { role: Role::Admin, ..actor(Levels::ALL) };
    let mut access = CrmAccess { employee: Levels::ALL, version: 3 };
    let by_employee = access.replace(&actor(Levels::ALL), Some(3), Levels::NONE);
    assert_eq!(by_employee, Err(Forbidden::AdminOnly.into()));
    let unnamed = access.replace(&admin, None, Levels::NONE);
    assert_eq!(unnamed, Err(Error::VersionRequired));
    assert_eq!(access.replace(&admin, Some(2), Levels::NONE), Err(Error::Stale));
    assert_eq!(access.replace(&admin, Some(3), Levels::ALL), Ok(Vec::new()));
    assert_eq!(access.replace(&admin, Some(3), Levels::NONE).unwrap().len(), 1);
    assert_eq!(access.version, 4);
    let rows = [Role::Admin, Role::Employee, Role::Guest].map(|role| access.of(role));
    assert_eq!(rows, [Levels::ALL, Levels::NONE, Levels::NONE]);
}

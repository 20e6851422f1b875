//! Who may do what: every person before every task, each action; and `can`, with every status.

use artel_domain::task::{Action, Status, check};

use crate::{
    law,
    scene::{BOTH, Scene, scenes},
    verdict::{Cells, Verdict},
};

#[test]
fn the_gate_says_what_the_table_of_rights_says() {
    let mut cells = Cells::of("rights of tasks");
    for scene in scenes() {
        for (needs_review, status) in
            [(false, Status::Pending), (true, Status::Pending), (false, Status::InReview)]
        {
            let scene = Scene { needs_review, status, ..scene };
            let letters = law::letters(&scene);
            let standing = scene.task().standing(&scene.me());
            for action in Action::ALL {
                let domain = Verdict::of(&check(&standing, *action));
                cells.same(&domain, &law::right(letters, *action), || format!("{action} {scene:#?}"));
            }
        }
    }
}

#[test]
fn can_says_what_would_not_be_refused() {
    let mut cells = Cells::of("can");
    for scene in scenes() {
        let me = scene.me();
        let mut task = scene.task();
        for status in Status::ALL {
            for needs_review in BOTH {
                let scene = Scene { needs_review, status: *status, ..scene };
                task.state = scene.state();
                task.fields.needs_review = needs_review;
                let letters = law::letters(&scene);
                let can = task.can(&me, scene.obstacles());
                for action in Action::ALL {
                    let oracle = law::can(&scene, letters, *action);
                    cells.same(&can.contains(action), &oracle, || format!("{action} {scene:#?}"));
                }
            }
        }
    }
}

//! Who sees and does what in generated worlds: the rule of the domain against every door of the server.

use std::collections::BTreeMap;

use artel_domain::{
    access::Standing,
    actor::{Actor, Role, SessionId, UserId, Via},
    level::{CrmAction, Level, Levels},
};
use artel_tests::{
    Answer, Person, Value, World,
    crm::{COMPANIES, CONTACTS, KINDS, Kind},
    json, on_both,
};
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng, seq::IndexedRandom as _};

on_both![every_door_keeps_the_rule];

const ROUNDS: usize = 4;
const EMPLOYEES: usize = 6;
const DEPARTMENTS: usize = 5;
const RECORDS: usize = 12;

/// Somebody, and where they belong.
struct Member {
    person: Person,
    role: Role,
    department: Option<usize>,
}

/// A department: where it hangs, and who leads it.
struct Department {
    id: i64,
    parent: Option<usize>,
    head: Option<i64>,
}

/// A record as the test made it.
struct Made {
    kind: Kind,
    id: i64,
    responsible: i64,
    shared: bool,
    trashed: bool,
    /// The companies that it is linked with.
    companies: Vec<i64>,
}

/// Everything that decides who reaches what.
struct Model {
    random: StdRng,
    members: Vec<Member>,
    departments: Vec<Department>,
    records: Vec<Made>,
    employee: Levels,
    cells: usize,
}

async fn every_door_keeps_the_rule(world: &World) {
    let seed: u64 = rand::random();
    println!("seed {seed}");
    let mut model = Model::generate(world, StdRng::seed_from_u64(seed)).await;
    for _ in 0..ROUNDS {
        model.shuffle(world).await;
        model.check(world).await;
    }
    println!("{} cells", model.cells);
    assert!(model.cells >= 5_000, "{} cells", model.cells);
}

impl Model {
    async fn generate(world: &World, random: StdRng) -> Self {
        let mut members = vec![member(world, Role::Admin).await, member(world, Role::Guest).await];
        for _ in 0..EMPLOYEES {
            members.push(member(world, Role::Employee).await);
        }
        let (departments, records, employee) = (Vec::new(), Vec::new(), Levels::NONE);
        let mut model = Self { random, members, departments, records, employee, cells: 0 };
        for _ in 0..DEPARTMENTS {
            model.add_department(world).await;
        }
        for kind in [COMPANIES, CONTACTS] {
            for number in 0..RECORDS {
                model.add_record(world, kind, number).await;
            }
        }
        model
    }

    fn admin(&self) -> Person {
        self.members[0].person.clone()
    }

    fn staff(&mut self) -> i64 {
        let staff: Vec<i64> =
            self.members.iter().filter(|m| m.role != Role::Guest).map(|member| member.person.id).collect();
        *staff.choose(&mut self.random).unwrap()
    }

    async fn add_department(&mut self, world: &World) {
        let count = self.departments.len();
        let parent = (count > 0 && self.random.random_bool(0.7)).then(|| self.random.random_range(0..count));
        let head = if self.random.random_bool(0.8) { Some(self.staff()) } else { None };
        let leader = self.members.iter().find(|member| Some(member.person.id) == head);
        let above = parent.map(|parent| self.departments[parent].id);
        let id = world.department(&self.admin(), above, leader.map(|member| &member.person)).await;
        self.departments.push(Department { id, parent, head });
    }

    async fn add_record(&mut self, world: &World, kind: Kind, number: usize) {
        let (responsible, shared) = (self.staff(), self.random.random_bool(0.4));
        let mut fields = json!({"responsible_id": responsible, "shared": shared});
        let mut companies = Vec::new();
        if kind == CONTACTS {
            let all: Vec<i64> = self
                .records
                .iter()
                .filter(|made| made.kind == COMPANIES && !made.trashed)
                .map(|made| made.id)
                .collect();
            let count = self.random.random_range(0..4);
            companies = all.sample(&mut self.random, count).copied().collect();
            fields["companies"] = companies.iter().map(|id| json!({"company_id": id})).collect();
        }
        let id = world.record(&self.admin(), kind, &format!("Record{number}x"), fields).await;
        let trashed = number.is_multiple_of(5);
        if trashed {
            world.delete(&self.admin(), &kind.at(id)).await.expect(204);
        }
        self.records.push(Made { kind, id, responsible, shared, trashed, companies });
    }

    /// Other levels, and people in other departments.
    async fn shuffle(&mut self, world: &World) {
        let mut level = || *Level::ALL.choose(&mut self.random).unwrap();
        self.employee = Levels {
            read: level().max(Level::Own),
            write: level(),
            delete: level(),
            export: level(),
            import: level(),
        };
        let levels = serde_levels(self.employee);
        world.let_employees(&self.admin(), &levels).await;
        for index in 0..self.members.len() {
            if self.members[index].role == Role::Guest {
                continue;
            }
            let department = self.random.random_bool(0.8).then(|| self.random.random_range(0..DEPARTMENTS));
            let id = department.map(|department| self.departments[department].id);
            let user = format!("/api/v1/users/{}", self.members[index].person.id);
            world.patch(&self.admin(), &user, json!({"department_id": id})).await.expect(200);
            self.members[index].department = department;
        }
    }

    /// Whether somebody leads the department of another, or one above it.
    fn is_below(&self, viewer: i64, other: i64) -> bool {
        let other = self.members.iter().find(|member| member.person.id == other).unwrap();
        let mut department = other.department;
        while let Some(at) = department {
            if self.departments[at].head == Some(viewer) {
                return viewer != other.person.id;
            }
            department = self.departments[at].parent;
        }
        false
    }

    fn permits(&self, member: &Member, made: &Made, action: CrmAction) -> bool {
        let levels = match member.role {
            Role::Admin => Levels::ALL,
            Role::Employee => self.employee,
            Role::Guest => Levels::NONE,
        };
        let user = UserId(member.person.id);
        let actor = Actor { user, role: member.role, via: Via::Session(SessionId(1)), levels };
        let standing = Standing {
            responsible: UserId(made.responsible),
            below: self.is_below(user.0, made.responsible),
            shared: made.shared,
        };
        standing.permits(&actor, action)
    }

    async fn check(&mut self, world: &World) {
        let mut cells = 0;
        for member in &self.members {
            let listed = self.lists(world, member).await;
            for made in &self.records {
                cells += self.check_lists(member, made, &listed);
                cells += self.check_doors(world, member, made).await;
            }
        }
        self.cells += cells;
    }

    /// What the lists show somebody: items by kind, id and side of the trash. Totals count the same.
    async fn lists(&self, world: &World, member: &Member) -> BTreeMap<(&'static str, i64, bool), Value> {
        let mut listed = BTreeMap::new();
        for kind in KINDS {
            for trashed in [false, true] {
                let mut parameters = vec![("limit", "200"), ("include_total", "true"), ("q", "record")];
                parameters.extend(trashed.then_some(("trashed", "only")));
                let list = world.list(&member.person, kind, &parameters).await.expect(200);
                assert_eq!(list.body["total"], list.items().len(), "{}", list.to);
                for item in list.items() {
                    let place = (kind.path, item["id"].as_i64().unwrap(), trashed);
                    assert!(listed.insert(place, item.clone()).is_none(), "twice: {place:?}");
                }
            }
        }
        listed
    }

    fn check_lists(
        &self,
        member: &Member,
        made: &Made,
        listed: &BTreeMap<(&'static str, i64, bool), Value>,
    ) -> usize {
        let (kind, id) = (made.kind, made.id);
        let message =
            format!("{} of {} by {}, {:?}", kind.at(id), made.responsible, member.person.id, self.employee);
        let readable = self.permits(member, made, CrmAction::Read);
        for trashed in [false, true] {
            let item = listed.get(&(kind.path, id, trashed));
            assert_eq!(item.is_some(), readable && made.trashed == trashed, "{message}");
            if let Some(item) = item {
                assert_eq!(item["can"], self.can(member, made), "{message}");
                self.check_companies(member, made, item);
            }
        }
        2
    }

    /// What the answer must say that one can do.
    fn can(&self, member: &Member, made: &Made) -> Value {
        let possible: &[CrmAction] = if made.trashed {
            &[CrmAction::Read, CrmAction::Delete]
        } else {
            &[CrmAction::Read, CrmAction::Write, CrmAction::Delete, CrmAction::Export]
        };
        let can = possible.iter().filter(|action| self.permits(member, made, **action));
        can.map(|action| action.as_str()).collect()
    }

    /// A contact names the companies that one may read, and no others.
    fn check_companies(&self, member: &Member, made: &Made, item: &Value) {
        if made.kind != CONTACTS {
            return;
        }
        let linked = |company: &&Made| company.kind == COMPANIES && made.companies.contains(&company.id);
        let linked = self.records.iter().filter(linked);
        let readable =
            linked.filter(|company| !company.trashed && self.permits(member, company, CrmAction::Read));
        let mut expected: Vec<i64> = readable.map(|company| company.id).collect();
        let mut named: Vec<i64> = item["companies"]
            .as_array()
            .unwrap()
            .iter()
            .map(|link| link["company_id"].as_i64().unwrap())
            .collect();
        named.sort_unstable();
        expected.sort_unstable();
        assert_eq!(named, expected, "contact {} by {}", made.id, member.person.id);
    }

    async fn check_doors(&self, world: &World, member: &Member, made: &Made) -> usize {
        let who = &member.person;
        let path = made.kind.at(made.id);
        let expected = |action, done| match (made.trashed, self.permits(member, made, CrmAction::Read)) {
            (true, _) | (false, false) => 404,
            (false, true) if self.permits(member, made, action) => done,
            (false, true) => 403,
        };
        let is = |answer: &Answer, expected: u16| {
            let message = format!("{} of {} by {}, {:?}", answer.to, made.responsible, who.id, self.employee);
            assert_eq!(answer.status, expected, "{message}: {}", answer.text());
        };
        let read = world.get(who, &path).await;
        is(&read, expected(CrmAction::Read, 200));
        if read.status == 200 {
            assert_eq!(read.body["can"], self.can(member, made), "{}", read.to);
            self.check_companies(member, made, &read.body);
        }
        let patched = world.patch(who, &path, json!({"comment": format!("by {}", who.id)})).await;
        is(&patched, expected(CrmAction::Write, 200));
        let deleted = world.delete(who, &path).await;
        is(&deleted, expected(CrmAction::Delete, 204));
        5 + self.check_restore(world, member, made, is).await
    }

    /// Whoever may delete may restore; what was in the trash goes there again.
    async fn check_restore(
        &self,
        world: &World,
        member: &Member,
        made: &Made,
        is: impl Fn(&Answer, u16),
    ) -> usize {
        let restored =
            world.post(&member.person, &format!("{}/restore", made.kind.at(made.id)), Value::Null).await;
        let rights = [CrmAction::Read, CrmAction::Delete].map(|action| self.permits(member, made, action));
        let expected = match rights {
            [false, _] => 404,
            [true, false] => 403,
            [true, true] => 200,
        };
        is(&restored, expected);
        if made.trashed && restored.status == 200 {
            world.delete(&self.admin(), &made.kind.at(made.id)).await.expect(204);
        }
        1
    }
}

async fn member(world: &World, role: Role) -> Member {
    Member { person: world.person(role).await, role, department: None }
}

fn serde_levels(levels: Levels) -> Value {
    let Levels { read, write, delete, export, import } = levels;
    let [read, write, delete, export, import] = [read, write, delete, export, import].map(Level::as_str);
    json!({"read": read, "write": write, "delete": delete, "export": export, "import": import})
}

//! The tree of departments as one nested answer.

use std::collections::HashMap;

use artel_domain::department::{Department, DepartmentId};
use serde::Serialize;
use utoipa::ToSchema;

use super::DepartmentView;

/// Every department, nested.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"items": [{
    "id": 1, "name": "Honey & Sons", "parent_id": null, "head_id": 1, "version": 1,
    "created_at": "2026-07-31T09:00:00Z", "updated_at": "2026-07-31T09:00:00Z",
    "children": [{
        "id": 3, "name": "Sales", "parent_id": 1, "head_id": 2, "version": 2,
        "created_at": "2026-07-31T09:00:00Z", "updated_at": "2026-08-01T12:30:00Z", "children": []
    }]
}]}))]
pub struct DepartmentTree {
    /// The departments at the top, by name.
    items: Vec<DepartmentNode>,
}

/// A department with everything below it.
#[derive(Serialize, ToSchema)]
pub struct DepartmentNode {
    /// The department.
    #[serde(flatten)]
    view: DepartmentView,
    /// The departments directly below it, by name.
    #[schema(no_recursion)]
    children: Vec<DepartmentNode>,
}

impl From<Vec<Department>> for DepartmentTree {
    fn from(departments: Vec<Department>) -> Self {
        let mut below: HashMap<Option<DepartmentId>, Vec<Department>> = HashMap::new();
        for department in departments {
            below
                .entry(department.fields.parent_id)
                .or_default()
                .push(department);
        }
        Self {
            items: nodes(None, &mut below),
        }
    }
}

/// The departments below one, each with its own. The tree is at most twenty levels deep.
fn nodes(
    parent: Option<DepartmentId>,
    below: &mut HashMap<Option<DepartmentId>, Vec<Department>>,
) -> Vec<DepartmentNode> {
    let children = below.remove(&parent).unwrap_or_default();
    children
        .into_iter()
        .map(|department| DepartmentNode {
            children: nodes(Some(department.id), below),
            view: department.into(),
        })
        .collect()
}

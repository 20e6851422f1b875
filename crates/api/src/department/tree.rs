//! The tree of departments as one nested answer.

use std::collections::HashMap;

use artel_domain::{
    actor::UserId,
    department::{Department, DepartmentId, DepartmentName},
};
use serde::Serialize;
use utoipa::ToSchema;

/// Every department, nested.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"items": [{
    "id": 1, "name": "Honey & Sons", "parent_id": null, "head_id": 1,
    "children": [{"id": 3, "name": "Sales", "parent_id": 1, "head_id": 2, "children": []}]
}]}))]
pub struct DepartmentTree {
    /// The departments at the top, by name.
    items: Vec<DepartmentNode>,
}

/// A department with everything below it.
#[derive(Serialize, ToSchema)]
pub struct DepartmentNode {
    /// Its id.
    id: DepartmentId,
    /// What it is called.
    name: DepartmentName,
    /// The department that it lies below.
    #[schema(required = true)]
    parent_id: Option<DepartmentId>,
    /// Who leads it.
    #[schema(required = true)]
    head_id: Option<UserId>,
    /// The departments directly below it, by name.
    #[schema(no_recursion)]
    children: Vec<DepartmentNode>,
}

impl From<Vec<Department>> for DepartmentTree {
    fn from(departments: Vec<Department>) -> Self {
        let mut below: HashMap<Option<DepartmentId>, Vec<Department>> = HashMap::new();
        for department in departments {
            below.entry(department.fields.parent_id).or_default().push(department);
        }
        Self { items: nodes(None, &mut below) }
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
        .map(|Department { id, fields, .. }| DepartmentNode {
            id,
            name: fields.name,
            parent_id: fields.parent_id,
            head_id: fields.head_id,
            children: nodes(Some(id), below),
        })
        .collect()
}

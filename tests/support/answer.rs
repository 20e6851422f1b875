//! What came back, and the questions that tests ask about it.

use reqwest::header::HeaderMap;
use serde_json::Value;

/// An answer.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Method and path of the request, for messages.
    pub to: String,
    /// HTTP status.
    pub status: u16,
    /// Headers.
    pub headers: HeaderMap,
    /// The body where it is JSON, null otherwise.
    pub body: Value,
    /// The body as it came.
    pub bytes: Vec<u8>,
}

impl Answer {
    /// The answer itself if it has this status.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}: {}", self.to, self.text());
        self
    }

    /// The answer itself if it is this problem.
    #[track_caller]
    pub fn problem(self, status: u16, code: &str) -> Self {
        let found = (self.status, self.body["code"].as_str().unwrap_or_default());
        assert_eq!(found, (status, code), "{}: {}", self.to, self.text());
        self
    }

    /// The faults of a refused body as `(pointer, code)`, in order.
    pub fn faults(&self) -> Vec<(&str, &str)> {
        self.named_errors("pointer")
    }

    /// The faults of refused parameters and headers as `(name, code)`, in order.
    pub fn parameters(&self) -> Vec<(&str, &str)> {
        self.named_errors("parameter")
    }

    fn named_errors(&self, key: &str) -> Vec<(&str, &str)> {
        let errors = self.body["errors"].as_array().into_iter().flatten();
        let mut named: Vec<_> =
            errors.filter_map(|error| Some((error[key].as_str()?, error["code"].as_str()?))).collect();
        named.sort_unstable();
        named
    }

    /// The id of the object in the body.
    #[track_caller]
    pub fn id(&self) -> i64 {
        self.body["id"].as_i64().unwrap_or_else(|| panic!("{}: no id in {}", self.to, self.text()))
    }

    /// The ids of the items of a list.
    #[track_caller]
    pub fn ids(&self) -> Vec<i64> {
        self.items().iter().map(|item| item["id"].as_i64().expect("items have ids")).collect()
    }

    /// The items of a list.
    #[track_caller]
    pub fn items(&self) -> &[Value] {
        self.body["items"].as_array().unwrap_or_else(|| panic!("{}: no list: {}", self.to, self.text()))
    }

    /// A header as text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// The entity tag.
    #[track_caller]
    pub fn etag(&self) -> &str {
        self.header("etag").unwrap_or_else(|| panic!("{}: no entity tag", self.to))
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }
}

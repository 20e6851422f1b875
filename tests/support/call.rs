//! Calls over HTTP. Every answer is compared with the published document before the test sees it.

use std::sync::LazyLock;

use reqwest::{Client, Method, header, redirect::Policy};
use serde_json::Value;

use crate::{Answer, Person, World, published::Published};

/// A connection for each request, closed by the server: worlds and their runtimes come and go, and a server stops
/// at once when no connection is left.
static CLIENT: LazyLock<Client> = LazyLock::new(|| {
    let close = [(header::CONNECTION, header::HeaderValue::from_static("close"))];
    let client = Client::builder()
        .pool_max_idle_per_host(0)
        .no_proxy()
        .redirect(Policy::none())
        .default_headers(close.into_iter().collect());
    client.build().unwrap()
});

/// A request that is being put together.
#[derive(Debug)]
pub struct Request {
    method: Method,
    path: String,
    builder: reqwest::RequestBuilder,
}

impl World {
    /// Calls an operation: as a person or as nobody, with a JSON body or with none.
    pub async fn call(
        &self,
        who: Option<&Person>,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> Answer {
        let request = self.request(who, method, path);
        match body {
            Some(body) => request.json(&body).send().await,
            None => request.send().await,
        }
    }

    /// GET.
    pub async fn get(&self, who: &Person, path: &str) -> Answer {
        self.call(Some(who), Method::GET, path, None).await
    }

    /// POST with a JSON body; `Value::Null` sends none.
    pub async fn post(&self, who: &Person, path: &str, body: Value) -> Answer {
        let body = Some(body).filter(|body| !body.is_null());
        self.call(Some(who), Method::POST, path, body).await
    }

    /// PATCH with a JSON body.
    pub async fn patch(&self, who: &Person, path: &str, body: Value) -> Answer {
        self.call(Some(who), Method::PATCH, path, Some(body)).await
    }

    /// PUT with a JSON body; `Value::Null` sends none.
    pub async fn put(&self, who: &Person, path: &str, body: Value) -> Answer {
        let body = Some(body).filter(|body| !body.is_null());
        self.call(Some(who), Method::PUT, path, body).await
    }

    /// DELETE.
    pub async fn delete(&self, who: &Person, path: &str) -> Answer {
        self.call(Some(who), Method::DELETE, path, None).await
    }

    /// A request to put together: headers, a body of any kind.
    pub fn request(&self, who: Option<&Person>, method: Method, path: &str) -> Request {
        let url = format!("http://{}{path}", self.address());
        let mut builder = CLIENT.request(method.clone(), url);
        if let Some(who) = who {
            builder = builder.bearer_auth(&who.bearer);
        }
        Request { method, path: path.to_owned(), builder }
    }
}

impl Request {
    /// With a header.
    pub fn header(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.builder = self.builder.header(name, value.as_ref());
        self
    }

    /// With a JSON body. A media type that was set before stays.
    pub fn json(mut self, body: &Value) -> Self {
        self.builder = self.builder.json(body);
        self
    }

    /// With a body of these bytes, of this media type.
    pub fn bytes(mut self, media_type: &str, body: impl Into<Vec<u8>>) -> Self {
        self.builder = self.builder.header(header::CONTENT_TYPE, media_type).body(body.into());
        self
    }

    /// Sends it, and compares the answer with the published document.
    pub async fn send(self) -> Answer {
        let method = self.method.clone();
        let path = self.path.clone();
        let answer = self.send_unchecked().await;
        Published::get().check(&method, &path, &answer);
        answer
    }

    /// Sends it where the document does not speak of the answer: injected faults.
    pub async fn send_unchecked(self) -> Answer {
        let to = format!("{} {}", self.method, self.path);
        self.try_send().await.unwrap_or_else(|| panic!("{to}: no answer"))
    }

    /// Sends it where there may be no answer, because the server is being killed.
    pub async fn try_send(self) -> Option<Answer> {
        let to = format!("{} {}", self.method, self.path);
        let response = self.builder.send().await.ok()?;
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        let bytes = response.bytes().await.ok()?.to_vec();
        let body = serde_json::from_slice(&bytes).unwrap_or_default();
        Some(Answer { to, status, headers, body, bytes })
    }
}

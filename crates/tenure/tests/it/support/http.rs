//! The server as a browser or a program sees it, on a free port of this machine.

use std::sync::Mutex;

use reqwest::{Method, StatusCode, header::HeaderMap, redirect};
use tenure::app::App;
use tokio::{net::TcpListener, sync::oneshot};

use super::world::{PASSWORD, World};

/// A running server. It ends when this is dropped.
pub(crate) struct Site {
    /// Where it answers, without a slash at the end.
    pub(crate) url: String,
    stop: Option<oneshot::Sender<()>>,
    served: Option<tokio::task::JoinHandle<()>>,
}

impl Site {
    /// Serves the world.
    pub(crate) async fn of(world: &World) -> Self {
        Self::serving(world.app.clone()).await
    }

    /// Serves an application: a second one on the same database is a second node.
    pub(crate) async fn serving(app: App) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let (stop, stopped) = oneshot::channel();
        let served = tokio::spawn(async move {
            let shutdown = async {
                let _ = stopped.await;
            };
            tenure::web::serve(app, listener, shutdown).await.expect("the server ends well");
        });
        Self { url, stop: Some(stop), served: Some(served) }
    }

    /// A browser without cookies.
    pub(crate) fn browser(&self) -> Browser {
        Browser::new(&self.url)
    }

    /// A browser in which somebody has signed in.
    pub(crate) async fn signed_in(&self, email: &str) -> Browser {
        let browser = self.browser();
        let page = browser.post("/sign-in", &[("email", email), ("password", PASSWORD)]).await;
        assert_eq!(page.status, StatusCode::SEE_OTHER, "{email} signs in: {}", page.text);
        browser
    }

    /// A browser in which a customer has signed in to the portal.
    pub(crate) async fn in_portal(&self, email: &str) -> Browser {
        let browser = self.browser();
        let page = browser.post("/portal/sign-in", &[("email", email), ("password", PASSWORD)]).await;
        assert_eq!(page.status, StatusCode::SEE_OTHER, "{email} signs in: {}", page.text);
        browser
    }

    /// Asks the server to end, and waits until the requests under way are answered.
    pub(crate) async fn end(mut self) {
        drop(self.stop.take());
        if let Some(served) = self.served.take() {
            served.await.expect("the server ends without a panic");
        }
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        if let Some(served) = self.served.take() {
            served.abort();
        }
    }
}

/// An answer, read whole.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Page {
    /// The body as JSON.
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("not JSON: {}", self.text))
    }

    /// Where it leads.
    pub(crate) fn location(&self) -> &str {
        self.headers.get("location").map_or("", |value| value.to_str().expect("text"))
    }

    /// The value of the hidden or shown input of this name.
    pub(crate) fn input(&self, name: &str) -> Option<String> {
        let (_, rest) = self.text.split_once(&format!("name=\"{name}\""))?;
        let tag = &rest[..rest.find('>')?];
        let (_, value) = tag.split_once("value=\"")?;
        Some(value[..value.find('"')?].to_owned())
    }
}

/// A client that keeps cookies, follows nothing by itself, and says where its forms come from.
pub(crate) struct Browser {
    client: reqwest::Client,
    url: String,
    cookies: Mutex<Vec<(String, String)>>,
    host: Option<String>,
    https: bool,
    token: Option<String>,
}

impl Browser {
    pub(crate) fn new(url: &str) -> Self {
        let client = reqwest::Client::builder()
            .redirect(redirect::Policy::none())
            .timeout(std::time::Duration::from_mins(1))
            .build()
            .expect("a client");
        Self { client, url: url.to_owned(), cookies: Mutex::default(), host: None, https: false, token: None }
    }

    /// Names another host than the one it connects to; after `https://`, as if behind a proxy with TLS.
    pub(crate) fn at_host(mut self, host: &str) -> Self {
        self.https = host.starts_with("https://");
        self.host = Some(host.trim_start_matches("https://").to_owned());
        self
    }

    /// A program that shows a token, and is no browser: it says nothing of where it comes from.
    pub(crate) fn with_token(mut self, secret: &str) -> Self {
        self.token = Some(secret.to_owned());
        self
    }

    /// The same browser, at another server.
    pub(crate) fn towards(mut self, url: &str) -> Self {
        url.clone_into(&mut self.url);
        self
    }

    /// A second client with the same cookies.
    pub(crate) fn twin(&self) -> Self {
        let twin = Self::new(&self.url);
        twin.cookies.lock().expect("cookies").clone_from(&self.cookies.lock().expect("cookies"));
        Self { host: self.host.clone(), https: self.https, token: self.token.clone(), ..twin }
    }

    /// The value of a cookie.
    pub(crate) fn cookie(&self, name: &str) -> Option<String> {
        let cookies = self.cookies.lock().expect("cookies");
        cookies.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone())
    }

    /// The same browser with a cookie that the server did not give it.
    pub(crate) fn with_cookie(self, name: &str, value: &str) -> Self {
        self.cookies.lock().expect("cookies").push((name.to_owned(), value.to_owned()));
        self
    }

    fn cookies(&self) -> String {
        let cookies = self.cookies.lock().expect("cookies");
        let pairs: Vec<_> = cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        pairs.join("; ")
    }

    fn keep(&self, headers: &HeaderMap) {
        let mut cookies = self.cookies.lock().expect("cookies");
        for value in headers.get_all("set-cookie") {
            let text = value.to_str().expect("text");
            let (pair, attributes) = text.split_once(';').unwrap_or((text, ""));
            let (name, value) = pair.split_once('=').expect("a cookie has a name");
            cookies.retain(|(key, _)| key != name);
            if !attributes.contains("Max-Age=0") {
                cookies.push((name.to_owned(), value.to_owned()));
            }
        }
    }

    /// A request that is yet to be sent, with cookies, and for unsafe methods with the own origin.
    pub(crate) fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let unsafe_method = !method.is_safe();
        let mut request = self.client.request(method, format!("{}{path}", self.url));
        let cookies = self.cookies();
        if !cookies.is_empty() {
            request = request.header("cookie", cookies);
        }
        let origin = match &self.host {
            Some(host) => {
                request = request.header("host", host);
                format!("{}://{host}", if self.https { "https" } else { "http" })
            }
            None => self.url.clone(),
        };
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None if unsafe_method => request.header("origin", origin),
            None => request,
        }
    }

    /// Sends a request and keeps the cookies of the answer.
    pub(crate) async fn send(&self, request: reqwest::RequestBuilder) -> Page {
        let answer = request.send().await.expect("an answer");
        let (status, headers) = (answer.status(), answer.headers().clone());
        self.keep(&headers);
        Page { status, headers, text: answer.text().await.expect("a whole answer") }
    }

    /// Opens a page.
    pub(crate) async fn get(&self, path: &str) -> Page {
        self.send(self.request(Method::GET, path)).await
    }

    /// Sends a form.
    pub(crate) async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Page {
        self.send(self.request(Method::POST, path).form(fields)).await
    }

    /// Sends a form with a file (RFC 7578), as browsers do.
    pub(crate) async fn send_file(&self, path: &str, field: &str, name: &str, bytes: &[u8]) -> Page {
        let mut body = format!(
            "--edge\r\nContent-Disposition: form-data; name=\"{field}\"; filename=\"{name}\"\r\n\
             Content-Type: application/octet-stream\r\n\r\n"
        )
        .into_bytes();
        body.extend_from_slice(bytes);
        body.extend_from_slice(b"\r\n--edge--\r\n");
        let request = self.request(Method::POST, path);
        self.send(request.header("content-type", "multipart/form-data; boundary=edge").body(body)).await
    }

    /// Sends what was typed and files, as the form of a message does.
    pub(crate) async fn send_form(
        &self,
        path: &str,
        fields: &[(&str, &str)],
        files: &[(&str, &[u8])],
    ) -> Page {
        let mut body = Vec::new();
        for (name, value) in fields {
            let head =
                format!("--edge\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
            body.extend_from_slice(head.as_bytes());
        }
        for (name, bytes) in files {
            // Browsers escape a quote in a name so.
            let name = name.replace('"', "%22");
            let head = format!(
                "--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
                 Content-Type: text/html\r\n\r\n"
            );
            body.extend_from_slice(head.as_bytes());
            body.extend_from_slice(bytes);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(b"--edge--\r\n");
        let request = self.request(Method::POST, path);
        self.send(request.header("content-type", "multipart/form-data; boundary=edge").body(body)).await
    }

    /// Sends a form and opens the page it leads to.
    pub(crate) async fn submit(&self, path: &str, fields: &[(&str, &str)]) -> Page {
        let page = self.post(path, fields).await;
        assert_eq!(page.status, StatusCode::SEE_OTHER, "{path} leads on: {}", page.text);
        let to = page.location().to_owned();
        self.get(&to).await
    }
}

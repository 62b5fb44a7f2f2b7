//! The client: `hyper`'s own connections, one task each, with neither pool nor redirects.
//!
//! Load and server share the cores, so every cycle of the client is one that the server lacks. Of the well-kept clients
//! this costs the least: `hyper-util`'s and `reqwest`'s look for a connection on every request.

use std::net::SocketAddr;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::{
    HeaderMap, Method, Request, Response, StatusCode,
    body::Incoming,
    client::conn::http1::{self, SendRequest},
    header,
};
use hyper_util::rt::TokioIo;
use tokio::{net::TcpStream, task::JoinHandle};

use crate::failure::{During as _, Result};

/// A request that may be sent many times.
pub type Ask = Request<Full<Bytes>>;

/// How a request shows whose it is.
#[derive(Clone, Debug)]
pub enum Pass {
    /// A token of the API.
    Token(String),
    /// A session's cookies, and the address that its forms come from.
    Session {
        /// The field `Cookie`.
        cookie: String,
        /// The field `Origin`.
        origin: String,
    },
}

impl Pass {
    /// A request without a body.
    pub fn ask(&self, method: Method, path: &str) -> Result<Ask> {
        self.with(method, path, None, Bytes::new())
    }

    /// `GET` of a path.
    pub fn get(&self, path: &str) -> Result<Ask> {
        self.ask(Method::GET, path)
    }

    /// A request with a body of JSON.
    pub fn json(&self, method: Method, path: &str, body: &serde_json::Value) -> Result<Ask> {
        self.with(method, path, Some("application/json"), body.to_string().into())
    }

    fn with(&self, method: Method, path: &str, kind: Option<&str>, body: Bytes) -> Result<Ask> {
        let mut request = Request::builder().method(method).uri(path).header(header::HOST, "127.0.0.1");
        request = match self {
            Self::Token(secret) => request.header(header::AUTHORIZATION, format!("Bearer {secret}")),
            Self::Session { cookie, origin } => {
                request.header(header::COOKIE, cookie).header(header::ORIGIN, origin)
            }
        };
        if let Some(kind) = kind {
            request = request.header(header::CONTENT_TYPE, kind);
        }
        request.body(Full::new(body)).during(path)
    }
}

/// An answer, read whole.
#[derive(Debug)]
pub struct Answer {
    /// Its status.
    pub status: StatusCode,
    /// Its fields.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Bytes,
}

impl Answer {
    /// The body as JSON, of an answer that is a success.
    pub fn json(&self) -> Result<serde_json::Value> {
        if !self.status.is_success() {
            return Err(format!("answered {}: {}", self.status, self.text()).into());
        }
        serde_json::from_slice(&self.body).during("not JSON")
    }

    /// The type of the problem that it tells of; empty where it tells of none.
    pub fn problem(&self) -> String {
        let body: serde_json::Value = serde_json::from_slice(&self.body).unwrap_or_default();
        body["type"].as_str().unwrap_or_default().to_owned()
    }

    /// The first words of the body.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).chars().take(400).collect()
    }
}

/// One connection, kept open.
pub struct Client {
    sender: SendRequest<Full<Bytes>>,
    driver: JoinHandle<()>,
}

impl Drop for Client {
    fn drop(&mut self) {
        self.driver.abort();
    }
}

impl Client {
    /// Connects.
    pub async fn connect(to: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(to).await.during(format!("connecting to {to}"))?;
        stream.set_nodelay(true)?;
        let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        let driver = tokio::spawn(async move {
            // What goes wrong with a connection is told to whoever waits for an answer.
            let _ = connection.await;
        });
        Ok(Self { sender, driver })
    }

    /// Sends a request; answers when its head has come.
    pub async fn open(&mut self, ask: Ask) -> Result<Response<Incoming>> {
        self.sender.ready().await?;
        Ok(self.sender.send_request(ask).await?)
    }

    /// Sends a request and reads the whole answer.
    pub async fn ask(&mut self, ask: Ask) -> Result<Answer> {
        let (head, body) = self.open(ask).await?.into_parts();
        Ok(Answer { status: head.status, headers: head.headers, body: body.collect().await?.to_bytes() })
    }

    /// As [`Client::ask`], without keeping the body; answers the status and the body's length.
    pub async fn skim(&mut self, ask: Ask) -> Result<(StatusCode, usize)> {
        let response = self.open(ask).await?;
        let status = response.status();
        let (mut body, mut length) = (response.into_body(), 0);
        while let Some(frame) = body.frame().await {
            length += frame?.data_ref().map_or(0, Bytes::len);
        }
        Ok((status, length))
    }
}

/// Signs in as a browser does; answers the session.
pub async fn sign_in(to: SocketAddr, email: &str, password: &str) -> Result<Pass> {
    let answer = Client::connect(to).await?.ask(sign_in_form(to, email, password)?).await?;
    let cookies: Vec<&str> = answer
        .headers
        .get_all(header::SET_COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok()?.split(';').next())
        .collect();
    if answer.status != StatusCode::SEE_OTHER || cookies.is_empty() {
        return Err(format!("{email} could not sign in: {} {}", answer.status, answer.text()).into());
    }
    Ok(Pass::Session { cookie: cookies.join("; "), origin: format!("http://{to}") })
}

/// `GET` of a path, by somebody who is not signed in.
pub fn visit(path: &str) -> Result<Ask> {
    Request::get(path).header(header::HOST, "127.0.0.1").body(Full::default()).during(path)
}

/// The form with which somebody signs in.
pub fn sign_in_form(to: SocketAddr, email: &str, password: &str) -> Result<Ask> {
    let form = form_urlencoded::Serializer::new(String::new())
        .append_pair("email", email)
        .append_pair("password", password)
        .finish();
    Request::post("/sign-in")
        .header(header::HOST, to.to_string())
        .header(header::ORIGIN, format!("http://{to}"))
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Full::new(form.into()))
        .during("the form")
}

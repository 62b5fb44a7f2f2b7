//! One POST over a connection of its own: to a checked address, without redirects, proxies or cookies, within a time, and of
//! the answer no more than is looked at.

use std::{
    io,
    net::SocketAddr,
    sync::{Arc, OnceLock},
    time::Duration,
};

use axum::http::{Request, StatusCode, header};
use bytes::Bytes;
use domain::webhook::{Address, Host};
use http_body_util::{BodyExt as _, Full};
use hyper_util::rt::TokioIo;
use jiff::SignedDuration;
use rustls::{ClientConfig, RootCertStore, pki_types::ServerName};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
};
use tokio_rustls::TlsConnector;

use super::{guard::Guard, sign::Signed};

/// How much of an answer that was no success is kept, in bytes.
const KEPT: usize = 1_000;
/// How long one address may take to answer that it is there.
const CONNECTS_IN: Duration = Duration::from_secs(5);

/// Why there was no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// The name leads nowhere.
    NameNotFound,
    /// The name or the address leads into a network that the configuration does not allow.
    PrivateAddress,
    /// Nobody listens there.
    NotReached,
    /// The certificate is not right, or there is no encryption.
    Tls,
    /// It took too long.
    TimedOut,
    /// What came back is no HTTP, or the connection broke.
    Broken,
    /// The address is none, by the rules of now.
    NotAllowed,
}

impl Failure {
    /// Every reason.
    pub const ALL: [Self; 7] = [
        Self::NameNotFound,
        Self::PrivateAddress,
        Self::NotReached,
        Self::Tls,
        Self::TimedOut,
        Self::Broken,
        Self::NotAllowed,
    ];

    /// The word in the database and the API.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::NameNotFound => "name-not-found",
            Self::PrivateAddress => "private-address",
            Self::NotReached => "not-reached",
            Self::Tls => "tls",
            Self::TimedOut => "timed-out",
            Self::Broken => "broken",
            Self::NotAllowed => "not-allowed",
        }
    }

    /// Reads [`Failure::word`] back.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|failure| failure.word() == word)
    }

    /// What a person reads.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::NameNotFound => "The name of the host was not found",
            Self::PrivateAddress => "It leads into a private network, which the configuration does not allow",
            Self::NotReached => "Nobody listens there",
            Self::Tls => "The encrypted connection failed; perhaps the certificate is not right",
            Self::TimedOut => "It took too long",
            Self::Broken => "The connection broke, or the answer was not HTTP",
            Self::NotAllowed => "The configuration does not allow this address any more",
        }
    }
}

/// What came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// How long the receiver asks to be left alone (RFC 9110, section 10.2.3).
    pub patience: Option<SignedDuration>,
    /// The beginning of the text, where it was no success.
    pub text: String,
}

/// Sends one POST.
pub(super) async fn post(
    guard: &Guard,
    to: &Address,
    signed: &Signed,
    body: String,
    within: Duration,
) -> Result<Answer, Failure> {
    let whole = async {
        let stream = connect(guard.addresses(to).await?).await?;
        if to.https {
            exchange(encrypted(to, stream).await?, to, signed, body).await
        } else {
            exchange(stream, to, signed, body).await
        }
    };
    tokio::time::timeout(within, whole).await.map_err(|_| Failure::TimedOut)?
}

/// Connects to the first of the addresses that answers.
async fn connect(addresses: Vec<SocketAddr>) -> Result<TcpStream, Failure> {
    let mut failure = Failure::NotReached;
    for address in addresses.into_iter().take(4) {
        match tokio::time::timeout(CONNECTS_IN, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => {
                let _ = stream.set_nodelay(true);
                return Ok(stream);
            }
            Ok(Err(_)) => failure = Failure::NotReached,
            Err(_) => failure = Failure::TimedOut,
        }
    }
    Err(failure)
}

async fn encrypted(
    to: &Address,
    stream: TcpStream,
) -> Result<impl AsyncRead + AsyncWrite + Send + Unpin + 'static, Failure> {
    let name = match &to.host {
        Host::Name(name) => {
            ServerName::try_from(name.trim_end_matches('.').to_owned()).map_err(|_| Failure::Tls)?
        }
        Host::Ip(ip) => ServerName::IpAddress((*ip).into()),
    };
    let connector = TlsConnector::from(authorities().ok_or(Failure::Tls)?);
    connector.connect(name, stream).await.map_err(|error: io::Error| {
        tracing::debug!(%error, "a webhook's encrypted connection failed");
        Failure::Tls
    })
}

/// The certificate authorities of the machine, read when the first webhook needs them.
fn authorities() -> Option<Arc<ClientConfig>> {
    static LOADED: OnceLock<Option<Arc<ClientConfig>>> = OnceLock::new();
    let load = || {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        if roots.is_empty() {
            tracing::error!("webhooks cannot be sent: this machine has no certificate authorities");
            return None;
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder =
            ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().ok()?;
        Some(Arc::new(builder.with_root_certificates(roots).with_no_client_auth()))
    };
    LOADED.get_or_init(load).clone()
}

async fn exchange<S>(stream: S, to: &Address, signed: &Signed, body: String) -> Result<Answer, Failure>
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let broken = |_| Failure::Broken;
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(broken)?;
    // It ends with the sender, however this ends.
    let driven = Driven(tokio::spawn(async move {
        let _ = connection.await;
    }));
    let request = Request::post(to.path.as_str())
        .header(header::HOST, to.authority())
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::USER_AGENT, concat!("Tenure/", env!("CARGO_PKG_VERSION")))
        .header(header::CONNECTION, "close")
        .header("webhook-id", &signed.id)
        .header("webhook-timestamp", &signed.timestamp)
        .header("webhook-signature", &signed.signature)
        .body(Full::new(Bytes::from(body)))
        .map_err(|_| Failure::NotAllowed)?;
    let answer = sender.send_request(request).await.map_err(broken)?;
    let status = answer.status();
    let patience = answer
        .headers()
        .get(header::RETRY_AFTER)
        .and_then(|value| value.to_str().ok()?.trim().parse().ok())
        .map(SignedDuration::from_secs);
    let text = if status.is_success() { String::new() } else { beginning(answer.into_body()).await };
    drop(driven);
    Ok(Answer { status, patience, text })
}

/// A task that is not to outlive what it is for.
struct Driven(tokio::task::JoinHandle<()>);

impl Drop for Driven {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// The first bytes of an answer, as text that can be kept and shown.
async fn beginning(mut body: hyper::body::Incoming) -> String {
    let mut bytes = Vec::new();
    while bytes.len() < KEPT
        && let Some(Ok(frame)) = body.frame().await
    {
        if let Some(data) = frame.data_ref() {
            bytes.extend_from_slice(&data[..data.len().min(KEPT - bytes.len())]);
        }
    }
    let text = String::from_utf8_lossy(&bytes);
    text.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect()
}

//! TLS to `PostgreSQL`, by `libpq`'s names: `sslmode` and `sslrootcert`.

use super::Error;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use std::future::poll_fn;
use std::path::Path;
use std::sync::Arc;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::Notify;
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres::{AsyncMessage, Config, NoTls};
use tokio_postgres_rustls::MakeRustlsConnect;

/// How connections are protected.
#[derive(Clone)]
pub(super) enum Tls {
    /// Not at all: a unix socket, or by choice.
    Plain,
    /// With TLS.
    Rustls(MakeRustlsConnect),
}

/// How far the server's certificate is believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Check {
    /// Encrypted against listeners, but anybody may pose as the server (`prefer` and `require`).
    Nobody,
    /// Signed by a known authority, for the host's name (`verify-full`).
    Full,
}

/// Reads a connection string, of which the driver knows all but `verify-full` and `sslrootcert`.
pub(super) fn parse(url: &str) -> Result<(Config, Tls), Error> {
    let (rest, mode, root) = split(url);
    let wrong = |words: String| Error::open("PostgreSQL", words);
    let mut config: Config = rest.parse().map_err(|e| Error::open("PostgreSQL", super::error::words(&e)))?;
    let check = match (mode.as_deref(), &root) {
        // With an authority named, `require` checks as well; `libpq` does so too, without the host's name.
        (Some("verify-full"), _) | (Some("require"), Some(_)) => Check::Full,
        (Some("require" | "prefer" | "disable") | None, _) => Check::Nobody,
        (Some(other), _) => {
            return Err(wrong(format!(
                "sslmode={other} is not known; use verify-full, require, prefer or disable"
            )));
        }
    };
    let over_socket = config.get_hosts().iter().all(|host| matches!(host, Host::Unix(_)));
    match mode.as_deref() {
        Some("verify-full" | "require") => config.ssl_mode(SslMode::Require),
        Some("disable") => config.ssl_mode(SslMode::Disable),
        _ if over_socket => config.ssl_mode(SslMode::Disable),
        _ => config.ssl_mode(SslMode::Prefer),
    };
    if config.get_ssl_mode() == SslMode::Disable {
        return Ok((config, Tls::Plain));
    }
    let client = client(check, root.as_deref()).map_err(wrong)?;
    Ok((config, Tls::Rustls(MakeRustlsConnect::new(client))))
}

fn client(check: Check, root: Option<&str>) -> Result<ClientConfig, String> {
    // Named here, not as the default of the process: others may need another.
    let provider = Arc::new(ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .map_err(|e| e.to_string())?;
    Ok(match check {
        Check::Nobody => builder
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(Unverified(provider)))
            .with_no_client_auth(),
        Check::Full => builder.with_root_certificates(authorities(root)?).with_no_client_auth(),
    })
}

fn authorities(root: Option<&str>) -> Result<RootCertStore, String> {
    let found = match root {
        None | Some("system") => rustls_native_certs::load_native_certs(),
        Some(file) => rustls_native_certs::load_certs_from_paths(Some(Path::new(file)), None),
    };
    let mut store = RootCertStore::empty();
    store.add_parsable_certificates(found.certs);
    if store.is_empty() {
        let errors: Vec<String> = found.errors.iter().map(ToString::to_string).collect();
        return Err(format!(
            "no certificate authority was found in {} {}",
            root.unwrap_or("the system's store"),
            errors.join("; ")
        ));
    }
    Ok(store)
}

/// Takes `sslmode` and `sslrootcert` out of a URL or a `key=value` string.
fn split(url: &str) -> (String, Option<String>, Option<String>) {
    let (mut mode, mut root) = (None, None);
    let mut keep = |key: &str, value: String| {
        match key {
            "sslmode" => mode = Some(value),
            "sslrootcert" => root = Some(value),
            _ => return true,
        }
        false
    };
    let rest = if url.starts_with("postgres://") || url.starts_with("postgresql://") {
        let Some((base, query)) = url.rsplit_once('?') else { return (url.to_owned(), None, None) };
        let pairs: Vec<&str> = query
            .split('&')
            .filter(|pair| {
                let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
                keep(key, percent_decoded(value))
            })
            .collect();
        if pairs.is_empty() { base.to_owned() } else { format!("{base}?{}", pairs.join("&")) }
    } else {
        let pairs: Vec<&str> = words(url)
            .into_iter()
            .filter(|pair| {
                let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
                keep(key.trim(), value.trim().trim_matches('\'').to_owned())
            })
            .collect();
        pairs.join(" ")
    };
    (rest, mode, root)
}

/// Splits at spaces outside quotes.
fn words(text: &str) -> Vec<&str> {
    let (mut quoted, mut escaped) = (false, false);
    text.split(move |c: char| {
        let here = !quoted && c.is_whitespace();
        if escaped {
            escaped = false;
        } else {
            escaped = c == '\\';
            quoted ^= c == '\'';
        }
        here
    })
    .filter(|word| !word.is_empty())
    .collect()
}

fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let hex = tail.get(..2).and_then(|two| std::str::from_utf8(two).ok());
        let byte = hex.filter(|_| *first == b'%').and_then(|two| u8::from_str_radix(two, 16).ok());
        bytes.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { &tail[2..] } else { tail };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

impl Tls {
    /// Connects, and leaves the connection to a task of its own.
    pub(super) async fn connect(
        &self,
        config: &Config,
    ) -> Result<tokio_postgres::Client, tokio_postgres::Error> {
        match self {
            Self::Plain => {
                let (client, connection) = config.connect(NoTls).await?;
                tokio::spawn(async move { ended(connection.await) });
                Ok(client)
            }
            Self::Rustls(tls) => {
                let (client, connection) = config.connect(tls.clone()).await?;
                tokio::spawn(async move { ended(connection.await) });
                Ok(client)
            }
        }
    }

    /// As [`Tls::connect`], of a connection on which others are heard.
    pub(super) async fn listen(
        &self,
        config: &Config,
        heard: Arc<Notify>,
    ) -> Result<tokio_postgres::Client, tokio_postgres::Error> {
        match self {
            Self::Plain => {
                let (client, connection) = config.connect(NoTls).await?;
                tokio::spawn(async move { ended(hear(connection, heard).await) });
                Ok(client)
            }
            Self::Rustls(tls) => {
                let (client, connection) = config.connect(tls.clone()).await?;
                tokio::spawn(async move { ended(hear(connection, heard).await) });
                Ok(client)
            }
        }
    }
}

/// Drives a connection, and tells of each notification.
async fn hear<S, T>(
    mut connection: tokio_postgres::Connection<S, T>,
    heard: Arc<Notify>,
) -> Result<(), tokio_postgres::Error>
where
    S: AsyncRead + AsyncWrite + Unpin,
    T: AsyncRead + AsyncWrite + Unpin,
{
    while let Some(message) = poll_fn(|context| connection.poll_message(context)).await {
        if let AsyncMessage::Notification(_) = message? {
            heard.notify_one();
        }
    }
    Ok(())
}

fn ended(outcome: Result<(), tokio_postgres::Error>) {
    if let Err(error) = outcome {
        tracing::warn!(error = %super::error::words(&error), "a connection to PostgreSQL ended");
    }
}

/// Believes any certificate, but still wants the handshake signed with its key.
#[derive(Debug)]
struct Unverified(Arc<CryptoProvider>);

impl ServerCertVerifier for Unverified {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let known = &self.0.signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, cert, signed, known)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let known = &self.0.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, cert, signed, known)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(url: &str) -> (String, Option<String>, Option<String>) {
        split(url)
    }

    #[test]
    fn what_the_driver_does_not_know_is_taken_out_and_the_rest_stays() {
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(
            parts("postgresql://a:b@h/d?sslmode=verify-full&application_name=x&sslrootcert=%2Fetc%2Fca.pem"),
            ("postgresql://a:b@h/d?application_name=x".into(), some("verify-full"), some("/etc/ca.pem"))
        );
        assert_eq!(
            parts("host=h password='a b\\' sslmode=disable' sslmode=require sslrootcert='/x'"),
            ("host=h password='a b\\' sslmode=disable'".into(), some("require"), some("/x"))
        );
        assert_eq!(parts("postgres://h/d"), ("postgres://h/d".into(), None, None));
    }

    #[test]
    fn a_mode_that_would_be_weaker_than_it_sounds_is_refused() {
        for mode in ["verify-ca", "verify_full", "allow"] {
            let Err(error) = parse(&format!("postgresql://h/d?sslmode={mode}")) else { panic!("{mode}") };
            assert!(error.to_string().contains("verify-full"), "{error}");
        }
    }

    #[test]
    fn tls_is_used_where_it_is_asked_for_and_never_over_a_socket_unasked() {
        let mode = |url: &str| parse(url).map(|(config, _)| config.get_ssl_mode()).expect("it is understood");
        assert_eq!(mode("postgresql://h/d?sslmode=require"), SslMode::Require);
        assert_eq!(mode("postgresql://h/d"), SslMode::Prefer);
        assert_eq!(mode("postgresql:///d?host=/tmp"), SslMode::Disable);
        assert_eq!(mode("host=h sslmode=disable"), SslMode::Disable);
        let Err(error) = parse("host=h sslmode=verify-full sslrootcert=/nowhere.pem") else {
            panic!("without an authority nothing can be verified")
        };
        assert!(error.to_string().contains("/nowhere.pem"), "{error}");
    }
}

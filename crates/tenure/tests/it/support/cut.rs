//! A way to the database that breaks at a chosen word of its answers.

use std::fmt::Write;
use std::sync::Arc;
use tenure::store::Target;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, copy, split};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio::task::JoinSet;
use tokio_postgres::{Config, config::Host};

/// The way; it ends with this value.
pub(crate) struct Cut {
    /// The connection string through it.
    pub(crate) url: String,
    _task: JoinSet<()>,
}

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// Leads to the same database. An answer with these bytes does not arrive, and its connection breaks; what was asked has
/// been done.
pub(crate) async fn before_the_server_says(target: &Target, word: &'static [u8]) -> Cut {
    let Target::Postgres(url) = target else { panic!("only a server is at the end of a way") };
    let config: Arc<Config> = Arc::new(url.parse().expect("a connection string"));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let port = listener.local_addr().expect("an address").port();
    let (name, user) = (config.get_dbname().expect("a database"), config.get_user().expect("a user"));
    let mut through = format!("host=127.0.0.1 port={port} dbname={name} user={user} sslmode=disable");
    if let Some(password) = config.get_password() {
        let _ = write!(through, " password='{}'", String::from_utf8_lossy(password));
    }
    let mut task = JoinSet::new();
    task.spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let server = connect(&config).await;
            tokio::spawn(lead(client, server, word));
        }
    });
    Cut { url: through, _task: task }
}

async fn connect(config: &Config) -> Box<dyn Stream> {
    let port = config.get_ports().first().copied().unwrap_or(5432);
    match config.get_hosts().first() {
        Some(Host::Unix(folder)) => {
            let socket = folder.join(format!(".s.PGSQL.{port}"));
            Box::new(UnixStream::connect(socket).await.expect("the server listens"))
        }
        Some(Host::Tcp(name)) => {
            Box::new(TcpStream::connect((name.as_str(), port)).await.expect("the server listens"))
        }
        None => panic!("the server has a place"),
    }
}

async fn lead(client: TcpStream, server: Box<dyn Stream>, word: &'static [u8]) {
    let (mut asks, mut told) = client.into_split();
    let (mut answers, mut asked) = split(server);
    let forth = tokio::spawn(async move { copy(&mut asks, &mut asked).await });
    let mut buffer = vec![0; 64 << 10];
    while let Ok(read @ 1..) = answers.read(&mut buffer).await {
        let heard = &buffer[..read];
        if heard.windows(word.len()).any(|part| part == word) || told.write_all(heard).await.is_err() {
            break;
        }
    }
    forth.abort();
}

//! The server as the command line starts it, and the command line beside it.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    path::Path,
    time::Duration,
};

use reqwest::{Client, StatusCode};

use super::machine::{Machine, Running, block_on};
use crate::support::both_engines;

fn serve(machine: &Machine) -> Running {
    Running::start(machine.command(&["serve", "--listen", "127.0.0.1:0"]), &machine.path("server.log"))
}

async fn me(client: &Client, server: &Running, token: &str) -> StatusCode {
    let request = client.get(server.url("/api/v1/me")).header("cookie", format!("tenure={token}"));
    request.send().await.expect("an answer").status()
}

both_engines! {
    fn what_the_machine_changes_is_in_force_at_the_servers_next_request(machine: &Machine) {
        machine.acme(3);
        let token = machine.join("Ada");
        let server = serve(machine);
        block_on(async {
            let client = Client::new();
            assert_eq!(me(&client, &server, &token).await, StatusCode::OK);
            machine.json(&["user", "deactivate", "ada@acme.example"]);
            assert_eq!(me(&client, &server, &token).await, StatusCode::FORBIDDEN);
            machine.json(&["user", "activate", "ada@acme.example"]);
            assert!(me(&client, &server, &token).await.is_client_error(), "ended sessions stay ended");
        });
        assert_eq!(server.end(), 0);
        assert_eq!(machine.json(&["audit", "verify"])["whole"], true);
    }

    /// Its lines are lost, and nothing else. A file at its limit of size is like a full disk.
    fn a_log_that_cannot_be_written_breaks_no_request_off(machine: &Machine) {
        machine.acme(3);
        let token = machine.join("Ada");
        let command = machine.command(&["serve", "--listen", "127.0.0.1:0"]);
        let server = Running::start(command, Path::new("/dev/full"));
        block_on(async {
            let client = Client::new();
            assert_eq!(me(&client, &server, &token).await, StatusCode::OK);
            server.signal("-XFSZ");
            assert_eq!(me(&client, &server, &token).await, StatusCode::OK);
        });
        assert_eq!(server.end(), 0);
    }

    fn what_is_under_way_at_sigterm_is_answered_whole_and_nobody_else_is_let_in(machine: &Machine) {
        machine.acme(3);
        let token = machine.join("Ada");
        let server = serve(machine);
        let address = server.url("").trim_start_matches("http://").trim_end_matches('/').to_owned();
        let body = r#"{"kind": "task", "title": "Sent slowly"}"#;
        let (first, rest) = body.split_at(12);
        let mut slow = TcpStream::connect(&address).expect("a connection");
        slow.set_read_timeout(Some(Duration::from_secs(30))).expect("a limit");
        let head = format!(
            "POST /api/v1/items HTTP/1.1\r\nhost: {address}\r\norigin: http://{address}\r\ncookie: tenure={token}\r\n\
             content-type: application/json\r\ncontent-length: {}\r\nexpect: 100-continue\r\n\r\n",
            body.len()
        );
        slow.write_all(head.as_bytes()).expect("the head is sent");
        let mut told = [0; 12];
        slow.read_exact(&mut told).expect("it asks for the body, so it is at it");
        assert_eq!(&told, b"HTTP/1.1 100");
        slow.write_all(first.as_bytes()).expect("a piece is sent");
        server.tell();
        let mut tries = 0;
        while TcpStream::connect(&address).is_ok() {
            tries += 1;
            assert!(tries < 500, "no new connection is taken");
            std::thread::sleep(Duration::from_millis(10));
        }
        slow.write_all(rest.as_bytes()).expect("the rest is sent");
        let mut answer = String::new();
        slow.read_to_string(&mut answer).expect("an answer to its end");
        assert!(answer.contains("HTTP/1.1 201 Created") && answer.trim_end().ends_with('}'), "{answer}");
        assert!(answer.contains("Sent slowly"), "{answer}");
        assert_eq!(server.end(), 0);
        assert_eq!(machine.json(&["doctor"])["healthy"], true);
    }

    fn an_empty_database_explains_itself_and_takes_its_first_workspace_while_it_runs(machine: &Machine) {
        let server = serve(machine);
        assert_eq!(server.line["empty"], true);
        block_on(async {
            let client = Client::new();
            let answer = client.get(server.url("/")).send().await.expect("an answer");
            assert!(answer.status().is_client_error() || answer.status().is_server_error());
            let text = answer.text().await.expect("a text");
            assert!(text.contains("workspace create"), "{text}");
            machine.acme(2);
            let answer = client.get(server.url("/api/v1/me")).send().await.expect("an answer");
            assert_eq!(answer.status(), StatusCode::UNAUTHORIZED, "there is a desk now");
        });
        let url = server.url("");
        assert_eq!(server.end(), 0);
        let log = std::fs::read_to_string(machine.path("server.log")).expect("a log");
        let line = |word: &str| log.lines().find(|line| line.contains(word)).unwrap_or_else(|| panic!("{word}: {log}"));
        let began = line(": started ");
        let engine = if machine.is_sqlite() { "SQLite" } else { "PostgreSQL" };
        for part in [env!("CARGO_PKG_VERSION"), url.trim_end_matches('/'), engine] {
            assert!(began.contains(part), "{part}: {began}");
        }
        assert!(line(": ended ").contains("SIGTERM"), "{log}");
        assert_eq!(machine.json(&["doctor"])["healthy"], true);
    }

    fn the_running_server_seals_the_log_and_expires_invitations(machine: &Machine) {
        machine.acme(2);
        machine.json(&["user", "invite", "ada@acme.example", "--name", "Ada"]);
        // As if the server had been down for the seven days.
        block_on(async {
            let store = machine.store().await;
            let sql = tenure::store::Sql::both("update people set invite_expires = 1000000 where status = 'invited'");
            store.write(async move |tx| tx.exec(&sql, &[]).await).await.expect("it is changed");
            store.close().await;
        });
        let server = serve(machine);
        let caught_up = || {
            let expired = machine.user("ada@acme.example")["expired"] == true;
            expired && machine.json(&["audit", "verify"])["waiting_to_be_sealed"] == 0
        };
        let mut tries = 0;
        while !caught_up() {
            tries += 1;
            assert!(tries < 200, "the jobs catch up");
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
        assert_eq!(machine.json(&["licenses", "show"])["used"], 1);
        let log = machine.json(&["audit", "list", "--action", "invitation.expired"]);
        assert_eq!(log["entries"][0]["actor"], "job");
        assert_eq!(server.end(), 0);
    }
}

#[test]
fn a_port_that_is_taken_is_told() {
    let machine = Machine::sqlite();
    machine.acme(2);
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("its address").to_string();
    let error = machine.fails(1, &["serve", "--listen", &address]);
    assert!(error["message"].as_str().expect("a message").contains(&address), "{error}");
}

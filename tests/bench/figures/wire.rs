//! The bench's own client: HTTP/1.1 on kept-alive connections, with as little work per request as can be.
//!
//! It runs in the bench's process, never in a measured one. It understands what the product answers
//! (`Content-Length`, no body for 204 and 304) and says so when an answer is something else.

use std::net::SocketAddr;

use anyhow::{Context, bail, ensure};
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// A whole request as it goes over the wire.
#[derive(Debug, Clone)]
pub(crate) struct Request(Vec<u8>);

impl Request {
    /// A request without a body; each header is a whole line.
    pub(crate) fn get(path: &str, headers: &[&str]) -> Self {
        Self(head("GET", path, headers).into_bytes())
    }

    /// A request with a JSON body.
    pub(crate) fn json(method: &str, path: &str, headers: &[&str], body: &Value) -> Self {
        let body = body.to_string();
        let length = format!("content-length: {}", body.len());
        let mut all = vec!["content-type: application/json", &length];
        all.extend(headers);
        Self((head(method, path, &all) + &body).into_bytes())
    }
}

fn head(method: &str, path: &str, headers: &[&str]) -> String {
    let mut head = format!("{method} {path} HTTP/1.1\r\nhost: 127.0.0.1\r\n");
    for line in headers {
        head.push_str(line);
        head.push_str("\r\n");
    }
    head.push_str("\r\n");
    head
}

/// An answer; it lives in the connection's buffer until the next exchange.
#[derive(Debug)]
pub(crate) struct Answer<'c> {
    /// The status code.
    pub(crate) status: u16,
    head: &'c str,
    /// The body as it came, compressed or not.
    pub(crate) body: &'c [u8],
}

impl Answer<'_> {
    /// The first header of this name, which is written in small letters.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        header(self.head, name)
    }

    /// The body as JSON, if the status is the expected one.
    pub(crate) fn json(&self, expected: u16) -> anyhow::Result<Value> {
        self.expect(expected)?;
        serde_json::from_slice(self.body).context("the answer is no JSON")
    }

    /// Fails with the answer's own words when the status is another one.
    pub(crate) fn expect(&self, expected: u16) -> anyhow::Result<()> {
        if self.status == expected {
            return Ok(());
        }
        let words: String = String::from_utf8_lossy(self.body).chars().take(600).collect();
        bail!("answered {} and not {expected}: {words}", self.status)
    }
}

fn header<'h>(head: &'h str, name: &str) -> Option<&'h str> {
    head.lines().skip(1).find_map(|line| {
        let (key, value) = line.split_once(':')?;
        key.trim().eq_ignore_ascii_case(name).then(|| value.trim())
    })
}

/// One kept-alive connection.
#[derive(Debug)]
pub(crate) struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    /// Connects.
    pub(crate) async fn open(address: SocketAddr) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(address).await.context("cannot connect")?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: Vec::with_capacity(256 * 1024) })
    }

    /// Connects several times.
    pub(crate) async fn open_many(address: SocketAddr, count: usize) -> anyhow::Result<Vec<Self>> {
        let mut all = Vec::with_capacity(count);
        for _ in 0..count {
            all.push(Self::open(address).await?);
        }
        Ok(all)
    }

    /// Sends a request and waits for the whole answer.
    pub(crate) async fn ask(&mut self, request: &Request) -> anyhow::Result<Answer<'_>> {
        self.stream.write_all(&request.0).await.context("the request was not taken")?;
        self.buffer.clear();
        let (head, whole) = loop {
            let read = self.stream.read_buf(&mut self.buffer).await.context("no answer came")?;
            ensure!(read > 0, "the connection was closed in the middle of an answer");
            let Some(head) = self.buffer.windows(4).position(|it| it == b"\r\n\r\n") else {
                continue;
            };
            break (head, head + 4 + self.length(head)?);
        };
        while self.buffer.len() < whole {
            let read =
                self.stream.read_buf(&mut self.buffer).await.context("half an answer came")?;
            ensure!(read > 0, "the connection was closed in the middle of an answer");
        }
        ensure!(self.buffer.len() == whole, "more came than one answer");
        let text = std::str::from_utf8(&self.buffer[..head]).context("a head that is no text")?;
        Ok(Answer { status: status(text)?, head: text, body: &self.buffer[head + 4..] })
    }

    /// How many bytes of body follow a head that ends at `end`.
    fn length(&self, end: usize) -> anyhow::Result<usize> {
        let text = std::str::from_utf8(&self.buffer[..end]).context("a head that is no text")?;
        if matches!(status(text)?, 204 | 304) {
            return Ok(0);
        }
        match header(text, "content-length") {
            Some(length) => length.parse().context("a length that is no number"),
            None => {
                bail!("an answer without a length: {}", text.lines().next().unwrap_or_default())
            }
        }
    }
}

fn status(head: &str) -> anyhow::Result<u16> {
    let code = head.split(' ').nth(1).context("an answer without a status")?;
    code.trim().parse().context("a status that is no number")
}

//! A real provider, started by the test that needs it: a program that an ordinary package client fetched.
//!
//! `cargo xtask test` fetches it into an ignored folder; a run without it uses what is there.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::Value;

/// A provider's program. It ends with the test.
pub(super) struct Program {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    /// The addresses at which it answers.
    pub(super) issuers: Vec<String>,
}

impl Program {
    fn start(mut command: Command, wanted: &Value) -> Self {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let mut input = child.stdin.take().expect("its input");
        let mut output = BufReader::new(child.stdout.take().expect("its output"));
        writeln!(input, "{wanted}").expect("it reads");
        let mut line = String::new();
        output.read_line(&mut line).expect("it answers");
        let issuers = serde_json::from_str(&line)
            .unwrap_or_else(|error| panic!("{command:?} did not start ({error}): {line}"));
        Self { child, input, output, issuers }
    }

    /// `oidc-provider` (npm): as many issuers as are wanted.
    pub(super) fn oidc_provider(wanted: &Value) -> Self {
        let home = home("npm");
        assert!(
            home.join("node_modules/oidc-provider").is_dir(),
            "oidc-provider is not here; `cargo xtask test` fetches it"
        );
        let mut command = Command::new("node");
        // A script that is told is looked for in the working folder, and so are the packages that it names.
        command.args(["--input-type=module", "--eval"]);
        command.arg(include_str!("../../providers/oidc-provider.mjs"));
        command.current_dir(home).stderr(Stdio::null());
        Self::start(command, wanted)
    }

    /// Tells it something, and waits until it is done.
    pub(super) fn tell(&mut self, command: &str) {
        writeln!(self.input, "{command}").expect("it reads");
        let mut line = String::new();
        self.output.read_line(&mut line).expect("it answers");
        assert_eq!(line, "done\n", "{command}");
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Where `cargo xtask test` puts what a client fetched: in the build folder, in which this test's program lies
/// (`<build folder>/debug/deps/<program>`).
fn home(client: &str) -> PathBuf {
    let program = std::env::current_exe().expect("the path of this program");
    program.ancestors().nth(3).expect("a build folder").join("providers").join(client)
}

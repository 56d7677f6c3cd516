//! Real providers, started by the test that needs them: programs that ordinary package clients fetched.
//!
//! `cargo xtask test` fetches them into ignored folders; a run without it uses what is there. Each runs in a
//! process of its own that ends with the test, and by itself when the test's process is gone.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

/// How long a provider may take to start, on a machine that is busy with other tests.
const START: Duration = Duration::from_mins(2);

/// How many started here that keep something.
static STARTED: AtomicU32 = AtomicU32::new(0);

/// A provider's program. It ends with the test.
pub(super) struct Program {
    /// Held for its end.
    _running: Running,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    /// The addresses at which it answers.
    pub(super) issuers: Vec<String>,
}

/// A process that ends, by its own id, with whoever holds it, and what it kept goes with it.
struct Running {
    child: Child,
    folder: Option<PathBuf>,
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
        if let Some(folder) = &self.folder {
            drop(std::fs::remove_dir_all(folder));
        }
    }
}

impl Program {
    fn start(mut command: Command, folder: Option<PathBuf>, wanted: &Value) -> Self {
        let child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let mut running = Running { child, folder };
        let mut input = running.child.stdin.take().expect("its input");
        let mut output = BufReader::new(running.child.stdout.take().expect("its output"));
        writeln!(input, "{wanted}").expect("it reads");
        let (sender, answer) = mpsc::channel();
        thread::spawn(move || {
            let mut line = String::new();
            let read = output.read_line(&mut line);
            // Nobody waits any more when it took too long.
            drop(sender.send((read, line, output)));
        });
        let (read, line, output) = answer
            .recv_timeout(START)
            .unwrap_or_else(|_| panic!("{} did not start", command.get_program().display()));
        read.expect("it answers");
        let issuers = serde_json::from_str(&line).unwrap_or_else(|error| {
            panic!("{} did not start ({error}): {line}", command.get_program().display())
        });
        Self { _running: running, input, output, issuers }
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
        command.current_dir(home);
        Self::start(command, None, wanted)
    }

    /// `canaille` (PyPI): one issuer with people of its own.
    pub(super) fn canaille(wanted: &Value) -> Self {
        let home = home("python");
        let python = home.join("bin/python");
        assert!(python.is_file(), "canaille is not here; `cargo xtask test` fetches it");
        let mut command = Command::new(python);
        // It would read settings in the working folder, and there are none in this one.
        command.arg("-c").arg(include_str!("../../providers/canaille_provider.py"));
        let number = STARTED.fetch_add(1, Ordering::Relaxed);
        let folder = home.join(format!("data-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder of its own");
        let mut wanted = wanted.clone();
        wanted["folder"] = json!(folder);
        command.current_dir(home);
        Self::start(command, Some(folder), &wanted)
    }

    /// Tells it something, and waits until it is done.
    pub(super) fn tell(&mut self, command: &str) {
        writeln!(self.input, "{command}").expect("it reads");
        let mut line = String::new();
        self.output.read_line(&mut line).expect("it answers");
        assert_eq!(line, "done\n", "{command}");
    }
}

/// Where `cargo xtask test` puts what a client fetched.
fn home(client: &str) -> PathBuf {
    build_folder().join("providers").join(client)
}

/// The build folder, in which this test's program lies (`<build folder>/debug/deps/<program>`).
pub(super) fn build_folder() -> PathBuf {
    let program = std::env::current_exe().expect("the path of this program");
    program.ancestors().nth(3).expect("a build folder").to_owned()
}

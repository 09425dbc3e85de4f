//! The binary as an operator calls it, one file for each group of commands.

mod client;
mod doctor;
mod keys;
mod serve;
mod tenant;
mod token;
mod users;

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

/// A directory of one test's own.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).expect("the folder can be made");
        Self(path)
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.0.join(name), text).expect("the folder is writable");
    }

    /// Runs the binary here, with nothing in its environment but `variables`.
    fn run(&self, line: &str, variables: &[(&str, &str)], input: &str) -> Output {
        let mut child = Command::new(env!("CARGO_BIN_EXE_housekey"))
            .args(line.split(' '))
            .current_dir(&self.0)
            .env_clear()
            .envs(variables.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary starts");
        // A command that reads nothing may have ended already.
        let _ = child.stdin.take().expect("piped").write_all(input.as_bytes());
        child.wait_with_output().expect("the binary ends")
    }

    #[track_caller]
    fn refused(&self, line: &str, variables: &[(&str, &str)]) -> String {
        let output = self.run(line, variables, "");
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        assert!(output.stdout.is_empty(), "{output:?}");
        String::from_utf8(output.stderr).expect("UTF-8")
    }

    #[track_caller]
    fn done(&self, line: &str, input: &str) -> String {
        let output = self.run(line, &[], input);
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).expect("UTF-8")
    }

    #[track_caller]
    fn json(&self, line: &str, input: &str) -> Value {
        serde_json::from_str(&self.done(line, input)).expect("JSON")
    }
}

const DATABASE: &str = "[database]\nurl = \"sqlite://housekey.db\"\n";

/// A folder with a database in which there is the tenant "acme".
fn with_tenant(name: &str) -> Folder {
    let folder = Folder::new(name);
    folder.write("master.key", &folder.done("master-key", ""));
    folder.write("housekey.toml", &format!("{DATABASE}[master_key]\nfile = \"master.key\"\n"));
    folder.done("tenant create --config housekey.toml acme --host login.acme.example", "");
    folder
}

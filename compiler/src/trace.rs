//! The log of the tools on standard error, if the environment variable `DP_LOG` enables it, for example `DP_LOG=info`.

use crate::dpc::console::Console;
use crate::dpc::remark::Remark;
use dp_dialects::Diagnostic;
use dp_driver::diagnostics::render::DiagnosticFormat;
use dp_driver::{DiagnosticRecord, Severity};
use serde_json::json;
use std::io::{self, IsTerminal, Write};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::format::FmtSpan;

/// The environment variable.
const LOG: &str = "DP_LOG";

/// Starts the log; each span, such as a pass, logs its duration when it ends. In JSON format each line is a remark.
/// Does nothing if a log is already active.
pub fn start(format: DiagnosticFormat) {
    let asked = std::env::var(LOG).unwrap_or_default();
    let filter = EnvFilter::try_new(&asked).unwrap_or_else(|error| {
        let warning = DiagnosticRecord {
            severity: Severity::Warning,
            ..Diagnostic::request(format!("{LOG}={asked}: {error}"))
                .help(format!("give a level, for example {LOG}=info"))
                .into()
        };
        Console::new(format, None).print(&warning);
        EnvFilter::default()
    });
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_span_events(FmtSpan::CLOSE)
        .with_ansi(io::stderr().is_terminal());
    let _ = match format {
        DiagnosticFormat::Text => subscriber.with_writer(io::stderr).try_init(),
        DiagnosticFormat::Json => subscriber.with_ansi(false).with_writer(|| Remarks).try_init(),
    };
}

/// A writer to standard error that makes each line a remark.
struct Remarks;

impl Write for Remarks {
    /// Writes one whole line of the log.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(line);
        let remark = Remark::new(text.trim_end(), json!({ "about": "log" }));
        writeln!(io::stderr(), "{}", remark.render(DiagnosticFormat::Json)).map(|()| line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

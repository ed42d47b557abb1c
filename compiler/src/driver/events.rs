//! What controls of pipelines say, as remarks.

use super::console::Console;
use super::output::refused;
use crate::diagnostics::remark::Remark;
use dp_passes::manager::Event;
use serde_json::json;

/// Prints an event.
pub fn print(console: &Console, event: &Event) {
    match event {
        Event::Counted { step, number, runs } => {
            let verb = if *runs { "runs" } else { "is skipped" };
            let data = json!({ "about": "limit", "step": step, "number": number, "runs": runs });
            console.remark(&Remark::new(format!("optional step {number}: {step} {verb}"), data).prefix(""));
        }
        Event::Printed { step, pipeline, module } => {
            let data = json!({ "about": "program", "step": step, "pipeline": pipeline, "text": module });
            // A comment of the program's, so that it can be read again.
            let remark = Remark::new(format!("----- after {step} ({pipeline}) -----"), data);
            console.remark(&remark.prefix("// ").body(module.as_str()));
        }
        Event::Kept { step, path, outcome: Ok(()) } => {
            let path = path.display().to_string();
            let data = json!({ "about": "reproducer", "step": step, "path": path });
            console.remark(&Remark::new(format!("the program before step '{step}' is in {path}"), data).prefix(""));
        }
        Event::Kept { path, outcome: Err(error), .. } => console.print(&refused(path, error).into()),
    }
}

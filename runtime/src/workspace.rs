//! Workspaces that are reused between calls.

use std::ffi::c_void;
use std::mem::MaybeUninit;

/// The alignment of workspaces: a cache line.
#[repr(align(64))]
#[derive(Clone, Copy)]
struct Line(#[expect(dead_code, reason = "only its address is handed out")] [MaybeUninit<u8>; 64]);

/// Memory for [`call_with`](crate::Function::call_with). It grows to the largest size that a call has needed so far.
/// Only one call at a time can use it, so each thread needs its own.
#[derive(Default)]
pub struct Workspace {
    lines: Vec<MaybeUninit<Line>>,
}

impl Workspace {
    /// Makes an empty workspace.
    pub fn new() -> Workspace {
        Workspace::default()
    }

    /// The size in bytes.
    pub fn size(&self) -> usize {
        self.lines.capacity() * size_of::<Line>()
    }

    /// Returns memory of at least this many bytes, aligned to 64; `None` if out of memory.
    pub(crate) fn take(&mut self, bytes: usize) -> Option<*mut c_void> {
        let lines = bytes.div_ceil(size_of::<Line>()).max(1);
        if self.lines.capacity() < lines {
            // The old contents are not needed, so nothing is copied.
            self.lines = Vec::new();
            self.lines.try_reserve_exact(lines).ok()?;
        }
        Some(self.lines.as_mut_ptr().cast())
    }
}

impl std::fmt::Debug for Workspace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Workspace").field("size", &self.size()).finish()
    }
}

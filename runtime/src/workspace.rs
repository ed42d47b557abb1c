//! Memory that calls compute in, kept from one to the next.

use std::ffi::c_void;
use std::mem::MaybeUninit;

/// A line of the cache: workspaces begin at one.
#[repr(align(64))]
#[derive(Clone, Copy)]
struct Line(#[expect(dead_code, reason = "only its address is handed out")] [MaybeUninit<u8>; 64]);

/// Memory for [`call_with`](crate::Function::call_with): as much as the greatest call so far has needed. One call at a
/// time computes in it, so threads have one each.
#[derive(Default)]
pub struct Workspace {
    lines: Vec<MaybeUninit<Line>>,
}

impl Workspace {
    /// A workspace that holds nothing yet.
    pub fn new() -> Workspace {
        Workspace::default()
    }

    /// How many bytes it holds.
    pub fn size(&self) -> usize {
        self.lines.capacity() * size_of::<Line>()
    }

    /// Memory of at least so many bytes, at a multiple of 64; `None` where there is not so much.
    pub(crate) fn take(&mut self, bytes: usize) -> Option<*mut c_void> {
        let lines = bytes.div_ceil(size_of::<Line>()).max(1);
        if self.lines.capacity() < lines {
            // What it holds is of no use: it need not be copied.
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

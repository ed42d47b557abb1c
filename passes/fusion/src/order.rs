//! The order of groups, and how two of them are merged.
//!
//! Groups are in topological order. To merge two groups, the groups between them that depend on the first move after
//! the second; the second must not depend on them, and they must not have side effects. The other groups between them
//! stay before both.

use std::collections::HashSet;

/// The maximum distance of groups that are merged.
const REACH: usize = 256;

/// The order of groups.
pub(crate) struct Order {
    line: Vec<usize>,
    /// The groups that each group depends on, by position in the block.
    needs: Vec<Vec<usize>>,
    /// Whether a group may be moved.
    moves: Vec<bool>,
}

/// A way to merge two groups.
pub(crate) struct Meeting {
    first: usize,
    second: usize,
    /// The positions of the first and the second.
    at: (usize, usize),
    /// The groups to move after them.
    after: HashSet<usize>,
}

impl Order {
    /// An empty order, to which groups are added one by one.
    pub(crate) fn new(needs: Vec<Vec<usize>>, moves: Vec<bool>) -> Self {
        Order { line: Vec::new(), needs, moves }
    }

    /// Adds the next group at the end.
    pub(crate) fn push(&mut self, unit: usize) {
        self.line.push(unit);
    }

    /// The groups, in order.
    pub(crate) fn line(&self) -> &[usize] {
        &self.line
    }

    /// Replaces the dependencies of a group by those of another one, instead of the other itself.
    pub(crate) fn need_instead(&mut self, unit: usize, other: usize) {
        self.needs[unit].retain(|need| *need != other);
        let needs = self.needs[other].clone();
        self.needs[unit].extend(needs);
    }

    /// How two groups can be merged, if at all; direct uses of the first by the second are ignored. `unit_of` maps
    /// operations to groups.
    pub(crate) fn meeting(&self, one: usize, other: usize, unit_of: &[usize]) -> Option<Meeting> {
        let near = &self.line[self.line.len().saturating_sub(2 * REACH)..];
        let base = self.line.len() - near.len();
        let position = |unit: usize| near.iter().rposition(|other| *other == unit).map(|at| base + at);
        let (one_at, other_at) = (position(one)?, position(other)?);
        let (first, second, at) =
            if one_at < other_at { (one, other, (one_at, other_at)) } else { (other, one, (other_at, one_at)) };
        if at.1 - at.0 > REACH {
            return None;
        }
        let mut after: HashSet<usize> = HashSet::new();
        for unit in &self.line[at.0 + 1..at.1] {
            let depends = |need: &usize| unit_of[*need] == first || after.contains(&unit_of[*need]);
            if self.needs[*unit].iter().any(depends) {
                if !self.moves[*unit] {
                    return None;
                }
                after.insert(*unit);
            }
        }
        let is_apart = !self.needs[second].iter().any(|need| after.contains(&unit_of[*need]));
        is_apart.then_some(Meeting { first, second, at, after })
    }

    /// Moves groups so that the two become one, in the place of the first.
    pub(crate) fn meet(&mut self, meeting: &Meeting) {
        let (from, to) = meeting.at;
        let between: Vec<usize> = self.line[from + 1..to].to_vec();
        let (after, before): (Vec<usize>, Vec<usize>) =
            between.into_iter().partition(|unit| meeting.after.contains(unit));
        let together = before.into_iter().chain([meeting.first]).chain(after).collect::<Vec<_>>();
        self.line.splice(from..=to, together);
        let needs = std::mem::take(&mut self.needs[meeting.second]);
        let both = &mut self.needs[meeting.first];
        both.extend(needs);
        both.sort_unstable();
        both.dedup();
    }
}

impl Meeting {
    /// The first group, and the one that joins it.
    pub(crate) fn pair(&self) -> (usize, usize) {
        (self.first, self.second)
    }
}

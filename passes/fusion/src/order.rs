//! The order of groups, and how two of them are merged.
//!
//! Groups are in topological order. To merge two groups, the groups between them that depend on the first move after
//! the second; the second must not depend on them, and they must not have side effects. The other groups between them
//! stay before both.

use std::collections::HashSet;

/// The maximum distance of two groups that are merged.
const MAX_DISTANCE: usize = 256;

/// The order of groups.
pub(crate) struct Order {
    sequence: Vec<usize>,
    /// The groups that each group depends on, by position in the block.
    needs: Vec<Vec<usize>>,
    /// Whether a group may be moved.
    moves: Vec<bool>,
}

/// A reordering that merges two groups.
pub(crate) struct Merger {
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
        Order { sequence: Vec::new(), needs, moves }
    }

    /// Adds the next group at the end.
    pub(crate) fn push(&mut self, group: usize) {
        self.sequence.push(group);
    }

    /// The groups, in order.
    pub(crate) fn groups(&self) -> &[usize] {
        &self.sequence
    }

    /// Replaces the dependencies of a group by those of another one, instead of the other itself.
    pub(crate) fn replace_dependencies(&mut self, group: usize, other: usize) {
        self.needs[group].retain(|need| *need != other);
        let needs = self.needs[other].clone();
        self.needs[group].extend(needs);
    }

    /// The reordering that merges two groups; `None` if there is none. Direct uses of the first by the second are
    /// ignored. `group_of` maps operations to groups.
    pub(crate) fn merger(&self, one: usize, other: usize, group_of: &[usize]) -> Option<Merger> {
        let near = &self.sequence[self.sequence.len().saturating_sub(2 * MAX_DISTANCE)..];
        let base = self.sequence.len() - near.len();
        let position = |group: usize| near.iter().rposition(|other| *other == group).map(|at| base + at);
        let (one_at, other_at) = (position(one)?, position(other)?);
        let (first, second, at) =
            if one_at < other_at { (one, other, (one_at, other_at)) } else { (other, one, (other_at, one_at)) };
        if at.1 - at.0 > MAX_DISTANCE {
            return None;
        }
        let mut after: HashSet<usize> = HashSet::new();
        for group in &self.sequence[at.0 + 1..at.1] {
            let depends = |need: &usize| group_of[*need] == first || after.contains(&group_of[*need]);
            if self.needs[*group].iter().any(depends) {
                if !self.moves[*group] {
                    return None;
                }
                after.insert(*group);
            }
        }
        let is_apart = !self.needs[second].iter().any(|need| after.contains(&group_of[*need]));
        is_apart.then_some(Merger { first, second, at, after })
    }

    /// Applies the reordering; the merged group is the first one.
    pub(crate) fn apply(&mut self, merger: &Merger) {
        let (from, to) = merger.at;
        let between: Vec<usize> = self.sequence[from + 1..to].to_vec();
        let (after, before): (Vec<usize>, Vec<usize>) =
            between.into_iter().partition(|group| merger.after.contains(group));
        let together = before.into_iter().chain([merger.first]).chain(after).collect::<Vec<_>>();
        self.sequence.splice(from..=to, together);
        let needs = std::mem::take(&mut self.needs[merger.second]);
        let both = &mut self.needs[merger.first];
        both.extend(needs);
        both.sort_unstable();
        both.dedup();
    }
}

impl Merger {
    /// The first group, and the one that joins it.
    pub(crate) fn pair(&self) -> (usize, usize) {
        (self.first, self.second)
    }
}

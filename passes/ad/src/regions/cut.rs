//! Least cuts of directed graphs, by Dinic's algorithm (Soviet Mathematics Doklady 11, 1970): in each phase, a blocking flow
//! along shortest paths.

/// A capacity that no cut contains.
pub(super) const UNBOUNDED: u64 = 1 << 40;

/// The node from which flow comes.
pub(super) const SOURCE: usize = 0;

/// The node to which flow goes.
pub(super) const SINK: usize = 1;

/// An edge, or the reverse of one: edges 2n and 2n + 1 belong together.
struct Edge {
    to: usize,
    /// What can still flow.
    left: u64,
}

/// A graph with capacities.
pub(super) struct Graph {
    edges: Vec<Edge>,
    /// The edges that leave a node.
    leaving: Vec<Vec<usize>>,
}

impl Graph {
    /// The source and the sink, without edges.
    pub(super) fn new() -> Self {
        Graph { edges: Vec::new(), leaving: vec![Vec::new(), Vec::new()] }
    }

    /// Adds a node.
    pub(super) fn node(&mut self) -> usize {
        self.leaving.push(Vec::new());
        self.leaving.len() - 1
    }

    /// Adds an edge.
    pub(super) fn edge(&mut self, from: usize, to: usize, capacity: u64) {
        for (from, to, left) in [(from, to, capacity), (to, from, 0)] {
            self.leaving[from].push(self.edges.len());
            self.edges.push(Edge { to, left });
        }
    }

    /// For each node, whether it is on the source's side of a least cut: of all least cuts, that with the fewest nodes on
    /// the sink's side.
    pub(super) fn source_side(mut self) -> Vec<bool> {
        while let Some(levels) = self.levels() {
            self.block(&levels);
        }
        // The nodes from which the sink can be reached are on its side.
        let mut is_sink_side = vec![false; self.leaving.len()];
        is_sink_side[SINK] = true;
        let mut pending = vec![SINK];
        while let Some(node) = pending.pop() {
            for edge in &self.leaving[node] {
                // The edge that leads here is the reverse of one that leaves.
                let from = self.edges[*edge].to;
                if self.edges[*edge ^ 1].left > 0 && !is_sink_side[from] {
                    is_sink_side[from] = true;
                    pending.push(from);
                }
            }
        }
        is_sink_side.into_iter().map(|is_sink_side| !is_sink_side).collect()
    }

    /// The distance of each node from the source; `None` if the sink cannot be reached.
    fn levels(&self) -> Option<Vec<usize>> {
        let mut levels = vec![usize::MAX; self.leaving.len()];
        levels[SOURCE] = 0;
        let mut row = vec![SOURCE];
        while !row.is_empty() && levels[SINK] == usize::MAX {
            let mut next = Vec::new();
            for node in row {
                for edge in self.leaving[node].iter().map(|edge| &self.edges[*edge]) {
                    if edge.left > 0 && levels[edge.to] == usize::MAX {
                        levels[edge.to] = levels[node] + 1;
                        next.push(edge.to);
                    }
                }
            }
            row = next;
        }
        (levels[SINK] != usize::MAX).then_some(levels)
    }

    /// Saturates all paths on which each node is one further from the source.
    fn block(&mut self, levels: &[usize]) {
        let mut next = vec![0; self.leaving.len()];
        let mut path: Vec<usize> = Vec::new();
        loop {
            let node = path.last().map_or(SOURCE, |edge| self.edges[*edge].to);
            if node == SINK {
                let flow = path.iter().map(|edge| self.edges[*edge].left).min().unwrap_or(0);
                for edge in &path {
                    self.edges[*edge].left -= flow;
                    self.edges[*edge ^ 1].left += flow;
                }
                let full = path.iter().position(|edge| self.edges[*edge].left == 0).unwrap_or(0);
                path.truncate(full);
                continue;
            }
            match self.leaving[node].get(next[node]) {
                Some(edge) if self.edges[*edge].left > 0 && levels[self.edges[*edge].to] == levels[node] + 1 => {
                    path.push(*edge);
                }
                Some(_) => next[node] += 1,
                // A dead end.
                None => match path.pop() {
                    Some(edge) => next[self.edges[edge ^ 1].to] += 1,
                    None => return,
                },
            }
        }
    }
}

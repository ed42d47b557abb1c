//! Minimum cuts of networks, by Dinic's algorithm.

/// A capacity that is never cut.
pub const UNCUT: u64 = 1 << 60;

/// A directed graph with capacities. An edge and its reverse are neighbours in the list of edges.
pub struct Network {
    out: Vec<Vec<usize>>,
    to: Vec<usize>,
    capacity: Vec<u64>,
}

impl Network {
    /// A network without edges.
    pub fn new(nodes: usize) -> Network {
        Network { out: vec![Vec::new(); nodes], to: Vec::new(), capacity: Vec::new() }
    }

    /// Adds a node and returns its number.
    pub fn node(&mut self) -> usize {
        self.out.push(Vec::new());
        self.out.len() - 1
    }

    /// Adds an edge.
    pub fn edge(&mut self, from: usize, to: usize, capacity: u64) {
        for (from, to, capacity) in [(from, to, capacity), (to, from, 0)] {
            self.out[from].push(self.to.len());
            self.to.push(to);
            self.capacity.push(capacity);
        }
    }

    /// The sink's side of a minimum cut: of all minimum cuts, the one with the fewest nodes on this side.
    pub fn sink_side(mut self, source: usize, sink: usize) -> Vec<bool> {
        while let Some(level) = self.levels(source, sink) {
            self.augment(source, sink, &level);
        }
        let mut reaches = vec![false; self.out.len()];
        reaches[sink] = true;
        let mut pending = vec![sink];
        while let Some(node) = pending.pop() {
            for edge in &self.out[node] {
                // The reverse of an edge to `node`.
                if self.capacity[edge ^ 1] > 0 && !reaches[self.to[*edge]] {
                    reaches[self.to[*edge]] = true;
                    pending.push(self.to[*edge]);
                }
            }
        }
        reaches
    }

    /// The distance of each node from the source, if the sink is reachable.
    fn levels(&self, source: usize, sink: usize) -> Option<Vec<usize>> {
        let mut level = vec![usize::MAX; self.out.len()];
        level[source] = 0;
        let mut queue = std::collections::VecDeque::from([source]);
        while let Some(node) = queue.pop_front() {
            for edge in &self.out[node] {
                let to = self.to[*edge];
                if self.capacity[*edge] > 0 && level[to] == usize::MAX {
                    level[to] = level[node] + 1;
                    queue.push_back(to);
                }
            }
        }
        (level[sink] != usize::MAX).then_some(level)
    }

    /// Adds flow along shortest paths until there is none. Not recursive: paths are as long as the program.
    fn augment(&mut self, source: usize, sink: usize, level: &[usize]) {
        let mut next = vec![0; self.out.len()];
        let mut path: Vec<usize> = Vec::new();
        loop {
            let node = path.last().map_or(source, |edge| self.to[*edge]);
            if node == sink {
                let flow = path.iter().map(|edge| self.capacity[*edge]).min().unwrap_or(0);
                for edge in &path {
                    self.capacity[*edge] -= flow;
                    self.capacity[edge ^ 1] += flow;
                }
                let full = path.iter().position(|edge| self.capacity[*edge] == 0).unwrap_or(0);
                path.truncate(full);
                continue;
            }
            let is_forward = |edge: usize| self.capacity[edge] > 0 && level[self.to[edge]] == level[node] + 1;
            while next[node] < self.out[node].len() && !is_forward(self.out[node][next[node]]) {
                next[node] += 1;
            }
            match self.out[node].get(next[node]) {
                Some(edge) => path.push(*edge),
                None => {
                    // A dead end.
                    if path.pop().is_none() {
                        return;
                    }
                    let back = path.last().map_or(source, |edge| self.to[*edge]);
                    next[back] += 1;
                }
            }
        }
    }
}

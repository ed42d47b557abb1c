//! How warps touch global memory: which sectors of 32 bytes the lanes touch together.
//!
//! Threads run one at a time, so what a warp does at once is put together again: the n-th time that each lane executes
//! an access belongs together. Where lanes take different ways through a loop, hardware may do otherwise.

use std::collections::VecDeque;

use crate::counts::Counts;

#[derive(Debug, Default)]
struct Group {
    lanes: u32,
    sectors: Vec<u64>,
}

/// One access of one warp.
#[derive(Debug, Default)]
struct Site {
    /// How often each lane was here.
    times: [u32; 32],
    /// The time of the first group that is not counted yet.
    first: u32,
    groups: VecDeque<Group>,
}

/// The accesses of a block.
#[derive(Debug)]
pub(super) struct Sectors {
    sites: usize,
    warps: Vec<Vec<Option<Box<Site>>>>,
}

impl Sectors {
    pub fn new(warps: usize, sites: u32) -> Sectors {
        Sectors { sites: sites as usize, warps: (0..warps).map(|_| Vec::new()).collect() }
    }

    /// A thread touches an address, within one sector.
    pub fn touch(&mut self, thread: u32, site: u32, address: u64, counts: &mut Counts) {
        let (warp, lane) = (thread as usize / 32, thread as usize % 32);
        let row = &mut self.warps[warp];
        if row.is_empty() {
            row.resize_with(self.sites, || None);
        }
        let site = row[site as usize].get_or_insert_default();
        let n = (site.times[lane] - site.first) as usize;
        site.times[lane] += 1;
        while site.groups.len() <= n {
            site.groups.push_back(Group::default());
        }
        let (group, sector) = (&mut site.groups[n], address / 32);
        group.lanes |= 1 << lane;
        if !group.sectors.contains(&sector) {
            group.sectors.push(sector);
        }
        while let Some(group) = site.groups.front()
            && group.lanes == u32::MAX
        {
            counts.requests += 1;
            counts.sectors += group.sectors.len() as u64;
            site.groups.pop_front();
            site.first += 1;
        }
    }

    /// Counts what is left when the block ends.
    pub fn end(self, counts: &mut Counts) {
        for site in self.warps.into_iter().flatten().flatten() {
            for group in site.groups.iter().filter(|g| g.lanes != 0) {
                counts.requests += 1;
                counts.sectors += group.sectors.len() as u64;
            }
        }
    }
}

//! A scoped map: an inner scope sees the entries of outer scopes, and adds its own.

use std::collections::HashMap;
use std::hash::Hash;
use std::rc::Rc;

/// The entries of a scope and of the scopes around it. Opening an inner scope copies nothing: programs have many small
/// regions.
#[derive(Clone)]
pub struct Scope<K, V>(Rc<Layer<K, V>>);

#[derive(Clone)]
struct Layer<K, V> {
    own: HashMap<K, V>,
    outer: Option<Rc<Layer<K, V>>>,
}

impl<K, V> Default for Scope<K, V> {
    fn default() -> Self {
        Scope(Rc::new(Layer { own: HashMap::new(), outer: None }))
    }
}

impl<K: Clone + Eq + Hash, V: Clone> Scope<K, V> {
    /// A scope within this one, as it is now.
    pub fn inner(&self) -> Self {
        Scope(Rc::new(Layer { own: HashMap::new(), outer: Some(Rc::clone(&self.0)) }))
    }

    /// What a key maps to, here or around.
    pub fn get(&self, key: &K) -> Option<&V> {
        let layers = std::iter::successors(Some(&*self.0), |layer| layer.outer.as_deref());
        layers.into_iter().find_map(|layer| layer.own.get(key))
    }

    /// Maps a key, for this scope alone. Copies what the scope itself has added where an inner one still sees it.
    pub fn insert(&mut self, key: K, value: V) {
        Rc::make_mut(&mut self.0).own.insert(key, value);
    }
}

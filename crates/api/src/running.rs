//! The keyed requests that this process is running, so that a retry does not overtake its first.

use std::{
    collections::HashSet,
    sync::{Mutex, PoisonError},
};

use artel_persistence::idempotency::Slot;

/// The keyed requests that this process is running. Across nodes the database keeps them apart.
#[derive(Debug, Default)]
pub struct Running(Mutex<HashSet<Slot>>);

/// A keyed request that is running; leaves when it is dropped.
pub struct Entered<'a> {
    running: &'a Running,
    slot: Slot,
}

impl Running {
    /// Enters a request; nothing where one of its slot is running.
    #[must_use]
    pub fn enter(&self, slot: &Slot) -> Option<Entered<'_>> {
        let mut slots = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        slots.insert(slot.clone()).then(|| Entered { running: self, slot: slot.clone() })
    }
}

impl Drop for Entered<'_> {
    fn drop(&mut self) {
        self.running.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.slot);
    }
}

//! Who stands first.

use std::sync::OnceLock;

use super::{ByScore, ByScoreKey, Indexes};
use crate::board::catalog::ModelKey;

/// Who stands first, once somebody asked: of a thousand who share the best score it would be looked for among all of them
/// for each submission.
#[derive(Clone, Debug, Default)]
pub(super) struct Leader(OnceLock<ByScoreKey>);

impl Leader {
    /// A row takes the place of what it was.
    pub(super) fn replace(&mut self, old: Option<&ByScore>, new: Option<&ByScore>) {
        let Some((score, leader)) = self.0.get().copied() else {
            return;
        };
        let (old, new) = (old.map(|row| row.key), new.map(|row| row.key));
        match new {
            Some(new) if new.0 < score => self.0 = OnceLock::from(new),
            Some(new) if new == (score, leader) => {}
            // Level with the leader: the ids decide. Or the leader has gone back.
            Some(new) if new.0 == score => self.0 = OnceLock::new(),
            _ if old == Some((score, leader)) => self.0 = OnceLock::new(),
            _ => {}
        }
    }
}

impl Indexes {
    /// The first of those with the best score, in the order of `id`; none on an empty board.
    pub(crate) fn leader<Id: Ord>(&self, id: impl Fn(ModelKey) -> Id) -> Option<ModelKey> {
        if let Some((_, leader)) = self.leader.0.get() {
            return Some(*leader);
        }
        let mut best: Option<ByScoreKey> = None;
        self.by_score.each(None, None, |item| {
            match best {
                Some((top, _)) if item.key.0 != top => return false,
                Some((_, leader)) if id(leader) <= id(item.key.1) => {}
                _ => best = Some(item.key),
            }
            true
        });
        best.map(|best| self.leader.0.get_or_init(|| best).1)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::board::indexes::swap;
    use crate::board::real::Real;

    proptest! {
        #[test]
        fn it_is_the_least_id_of_the_best_score_after_every_change(
            steps in prop::collection::vec((0_u32..12, prop::option::of(0_u8..4), any::<bool>()), 0..200),
        ) {
            // Ids run against the keys.
            let id = |model: ModelKey| u32::MAX - model;
            let mut indexes = Indexes::default();
            let mut rows = [None::<ByScore>; 12];
            for (model, score, asks) in steps {
                let row = &mut rows[model as usize];
                let new = score.map(|score| ByScore {
                    key: (Real::new(f64::from(score)).reversed(), model),
                    high: Real::LEAST,
                });
                indexes.leader.replace(row.as_ref(), new.as_ref());
                swap(&mut indexes.by_score, *row, new);
                *row = new;
                let first = rows.iter().flatten().map(|row| (row.key.0, id(row.key.1))).min();
                if asks {
                    prop_assert_eq!(indexes.leader(id).map(id), first.map(|(_, id)| id));
                }
            }
        }
    }
}

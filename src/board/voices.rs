//! Who speaks in a result: evaluators with their harnesses, each pair kept once.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::model::Text;

/// Position of a voice in order of first appearance in the log.
pub(crate) type VoiceKey = u32;

/// All pairs of evaluator and harness ever heard.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Voices {
    /// Evaluator, harness.
    voices: Vec<(Text, Text)>,
    #[serde(skip)]
    keys: BTreeMap<(Text, Text), VoiceKey>,
}

impl Voices {
    /// The key of a pair, new or known.
    pub(crate) fn intern(&mut self, evaluator: &Text, harness: &Text) -> VoiceKey {
        let voice = (evaluator.clone(), harness.clone());
        if let Some(key) = self.keys.get(&voice) {
            return *key;
        }
        let key = self.voices.len() as VoiceKey;
        self.voices.push(voice.clone());
        self.keys.insert(voice, key);
        key
    }

    /// Evaluator and harness of a key.
    pub(crate) fn get(&self, key: VoiceKey) -> &(Text, Text) {
        &self.voices[key as usize]
    }

    /// Number of pairs.
    pub(crate) fn len(&self) -> usize {
        self.voices.len()
    }

    /// Finds keys again after loading.
    pub(crate) fn rebuild(&mut self) {
        let keyed = self.voices.iter().cloned().zip(0..);
        self.keys = keyed.collect();
    }
}

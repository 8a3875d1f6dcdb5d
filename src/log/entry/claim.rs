//! The disk record of claims.

use super::{EntryError, always, model_id, status_number, status_of, string};
use crate::model::{Claim, Date, Statement, TrainingCost, TrainingDate, TrainingScope};
use crate::proto::store as disk;

impl From<&Claim> for disk::Claim {
    fn from(claim: &Claim) -> Self {
        let Claim {
            model,
            statement,
            claimant,
            date,
            source_url,
            note,
            status,
        } = claim;
        Self {
            model: model.to_string(),
            statement: Some(statement.into()),
            claimant: string(claimant),
            date: date.days(),
            source_url: string(source_url),
            note: string(note),
            status: status_number(*status),
        }
    }
}

impl TryFrom<disk::Claim> for Claim {
    type Error = EntryError;

    fn try_from(claim: disk::Claim) -> Result<Self, EntryError> {
        let disk::Claim {
            model,
            statement,
            claimant,
            date,
            source_url,
            note,
            status,
        } = claim;
        Ok(Self {
            model: model_id("claim.model", &model)?,
            statement: always("claim.statement", statement)?.try_into()?,
            claimant: claimant.into(),
            date: Date::from_days(date),
            source_url: source_url.into(),
            note: note.into(),
            status: status_of("claim.status", status)?,
        })
    }
}

impl From<&Statement> for disk::claim::Statement {
    fn from(statement: &Statement) -> Self {
        match statement {
            Statement::TrainingCost(cost) => Self::TrainingCost(cost.into()),
            Statement::TrainingDate(TrainingDate {
                earliest,
                central,
                latest,
            }) => Self::TrainingDate(disk::TrainingDate {
                earliest: earliest.days(),
                central: central.days(),
                latest: latest.days(),
            }),
            Statement::DerivedFrom(model) => Self::DerivedFrom(model.to_string()),
        }
    }
}

impl TryFrom<disk::claim::Statement> for Statement {
    type Error = EntryError;

    fn try_from(statement: disk::claim::Statement) -> Result<Self, EntryError> {
        use disk::claim::Statement as Disk;
        Ok(match statement {
            Disk::TrainingCost(cost) => Self::TrainingCost(cost.try_into()?),
            Disk::TrainingDate(disk::TrainingDate {
                earliest,
                central,
                latest,
            }) => Self::TrainingDate(TrainingDate {
                earliest: Date::from_days(earliest),
                central: Date::from_days(central),
                latest: Date::from_days(latest),
            }),
            Disk::DerivedFrom(model) => Self::DerivedFrom(model_id("claim.derived_from", &model)?),
        })
    }
}

impl From<&TrainingCost> for disk::TrainingCost {
    fn from(training: &TrainingCost) -> Self {
        let TrainingCost {
            cost,
            accelerator,
            accelerator_count,
            accelerator_hours,
            usd_per_hour,
            scope,
        } = training;
        Self {
            cost: Some((*cost).into()),
            accelerator: string(accelerator),
            accelerator_count: *accelerator_count,
            accelerator_hours: *accelerator_hours,
            usd_per_hour: *usd_per_hour,
            scope: match scope {
                TrainingScope::Unknown => 0,
                TrainingScope::FinalRun => 1,
                TrainingScope::WholeProgram => 2,
            },
        }
    }
}

impl TryFrom<disk::TrainingCost> for TrainingCost {
    type Error = EntryError;

    fn try_from(training: disk::TrainingCost) -> Result<Self, EntryError> {
        let disk::TrainingCost {
            cost,
            accelerator,
            accelerator_count,
            accelerator_hours,
            usd_per_hour,
            scope,
        } = training;
        Ok(Self {
            cost: always("training_cost.cost", cost)?.try_into()?,
            accelerator: accelerator.into(),
            accelerator_count,
            accelerator_hours,
            usd_per_hour,
            scope: match scope {
                0 => TrainingScope::Unknown,
                1 => TrainingScope::FinalRun,
                2 => TrainingScope::WholeProgram,
                value => {
                    let field = "training_cost.scope";
                    return Err(EntryError::Unknown { field, value });
                }
            },
        })
    }
}

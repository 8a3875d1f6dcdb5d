//! Enumerations, both ways.

use crate::board::answer::{DateRule, FitSelection, IntervalSource};
use crate::board::query::{Detail, Order};
use crate::board::trend::Verdict;
use crate::intake::Field;
use crate::model::{
    CostBasis, CostKind, CountingRule, Reason, Refusal, Relationship, Status, TrainingScope,
};
use crate::proto::v1;

/// A protobuf enumeration: 0 is "unspecified", values are contiguous.
trait Wire: TryFrom<i32> {
    fn name(&self) -> &'static str;
}

macro_rules! wire {
    ($($name:ident),*) => {$(
        impl Wire for v1::$name {
            fn name(&self) -> &'static str {
                self.as_str_name()
            }
        }
    )*};
}

wire!(
    AnswerDetail,
    CostBasis,
    CostKind,
    CountingRule,
    Detail,
    EvaluatorRelationship,
    FitSelection,
    Order,
    Status,
    TrainingScope
);

/// The value of an enumeration; one that is not on the list is refused with the list.
fn read<E: Wire>(value: i32, field: Field<'_>) -> Result<E, Refusal> {
    E::try_from(value).map_err(|_| {
        let names: Vec<&str> = (1..)
            .map_while(|value| E::try_from(value).ok())
            .map(|known| known.name())
            .collect();
        field.refuse(
            Reason::FieldMalformed,
            format_args!("is `{value}`: expected one of `{}`", names.join("`, `")),
        )
    })
}

/// How much an item of `SubmitResults` is answered with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnswerDetail {
    /// Revision and rank.
    Brief,
    /// As `SubmitResult`.
    Full,
}

pub(super) fn answer_detail(value: i32, field: &str) -> Result<AnswerDetail, Refusal> {
    Ok(match read(value, field.into())? {
        v1::AnswerDetail::Brief => AnswerDetail::Brief,
        v1::AnswerDetail::Unspecified | v1::AnswerDetail::Full => AnswerDetail::Full,
    })
}

pub(super) fn cost_basis(value: i32, field: &str) -> Result<Option<CostBasis>, Refusal> {
    Ok(match read(value, field.into())? {
        v1::CostBasis::Unspecified => None,
        v1::CostBasis::Task => Some(CostBasis::Task),
        v1::CostBasis::TokenPrice => Some(CostBasis::TokenPrice),
        v1::CostBasis::Training => Some(CostBasis::Training),
    })
}

pub(super) fn cost_kind(value: i32, field: Field<'_>) -> Result<Option<CostKind>, Refusal> {
    Ok(match read(value, field)? {
        v1::CostKind::Unspecified => None,
        v1::CostKind::Measured => Some(CostKind::Measured),
        v1::CostKind::Reported => Some(CostKind::Reported),
        v1::CostKind::Estimated => Some(CostKind::Estimated),
        v1::CostKind::Derived => Some(CostKind::Derived),
    })
}

pub(super) fn counting_rule(value: i32, field: &str) -> Result<Option<CountingRule>, Refusal> {
    Ok(match read(value, field.into())? {
        v1::CountingRule::Unspecified => None,
        v1::CountingRule::Latest => Some(CountingRule::Latest),
        v1::CountingRule::Best => Some(CountingRule::Best),
    })
}

pub(super) fn relationship(value: i32, field: Field<'_>) -> Result<Option<Relationship>, Refusal> {
    use v1::EvaluatorRelationship as Wire;
    Ok(match read(value, field)? {
        Wire::Unspecified => None,
        Wire::FirstParty => Some(Relationship::FirstParty),
        Wire::ThirdParty => Some(Relationship::ThirdParty),
        Wire::Collaborative => Some(Relationship::Collaborative),
        Wire::Other => Some(Relationship::Other),
    })
}

/// A list of relationships, in which each item says one.
pub(super) fn relationships(
    values: &[i32],
    field: Field<'_>,
) -> Result<Vec<Relationship>, Refusal> {
    values
        .iter()
        .map(|value| {
            relationship(*value, field)?.ok_or_else(|| {
                field.refuse(
                    Reason::FieldMalformed,
                    "has `EVALUATOR_RELATIONSHIP_UNSPECIFIED`: leave it out, or name a relationship",
                )
            })
        })
        .collect()
}

pub(super) fn status(value: i32, field: &str) -> Result<Option<Status>, Refusal> {
    Ok(match read(value, field.into())? {
        v1::Status::Unspecified => None,
        v1::Status::Active => Some(Status::Active),
        v1::Status::Disputed => Some(Status::Disputed),
        v1::Status::Retracted => Some(Status::Retracted),
    })
}

pub(super) fn training_scope(value: i32, field: Field<'_>) -> Result<TrainingScope, Refusal> {
    Ok(match read(value, field)? {
        v1::TrainingScope::Unspecified => TrainingScope::Unknown,
        v1::TrainingScope::FinalRun => TrainingScope::FinalRun,
        v1::TrainingScope::WholeProgram => TrainingScope::WholeProgram,
    })
}

pub(super) fn order(value: i32, field: &str) -> Result<Order, Refusal> {
    Ok(match read(value, field.into())? {
        v1::Order::Unspecified | v1::Order::Score => Order::Score,
        v1::Order::Value => Order::Value,
        v1::Order::Overpay => Order::Overpay,
        v1::Order::Conformance => Order::Conformance,
    })
}

pub(super) fn detail(value: i32, default: Detail, field: &str) -> Result<Detail, Refusal> {
    Ok(match read(value, field.into())? {
        v1::Detail::Unspecified => default,
        v1::Detail::Intrinsic => Detail::Intrinsic,
        v1::Detail::Full => Detail::Full,
    })
}

pub(super) fn fit_selection(value: i32, field: &str) -> Result<FitSelection, Refusal> {
    Ok(match read(value, field.into())? {
        v1::FitSelection::Unspecified | v1::FitSelection::All => FitSelection::All,
        v1::FitSelection::FrontierAtRelease => FitSelection::FrontierAtRelease,
    })
}

/// A domain enumeration that has a number on the wire.
pub(super) trait ToWire: Copy {
    /// The number.
    fn wire(self) -> i32;
}

/// Absent is 0, "unspecified".
impl<E: ToWire> ToWire for Option<E> {
    fn wire(self) -> i32 {
        self.map_or(0, ToWire::wire)
    }
}

macro_rules! to_wire {
    ($domain:ident => $wire:ident { $($from:ident => $to:ident),* $(,)? }) => {
        impl ToWire for $domain {
            fn wire(self) -> i32 {
                match self {
                    $(Self::$from => v1::$wire::$to as i32,)*
                }
            }
        }
    };
}

to_wire!(CostBasis => CostBasis { Task => Task, TokenPrice => TokenPrice, Training => Training });
to_wire!(CostKind => CostKind {
    Measured => Measured, Reported => Reported, Estimated => Estimated, Derived => Derived,
});
to_wire!(CountingRule => CountingRule { Latest => Latest, Best => Best });
to_wire!(Relationship => EvaluatorRelationship {
    FirstParty => FirstParty, ThirdParty => ThirdParty, Collaborative => Collaborative, Other => Other,
});
to_wire!(Status => Status { Active => Active, Disputed => Disputed, Retracted => Retracted });
to_wire!(TrainingScope => TrainingScope {
    Unknown => Unspecified, FinalRun => FinalRun, WholeProgram => WholeProgram,
});
// "Cheapest first" is a field of its own in the request, and no order of the API.
to_wire!(Order => Order {
    Score => Score, Value => Value, Overpay => Overpay, Conformance => Conformance, Cost => Unspecified,
});
to_wire!(FitSelection => FitSelection { All => All, FrontierAtRelease => FrontierAtRelease });
to_wire!(IntervalSource => IntervalSource {
    Reported => Reported, StandardError => StandardError, Derived => Derived,
});
to_wire!(DateRule => DateRule {
    TrainingDate => TrainingDate, ReleaseDate => ReleaseDate, PriceEffective => PriceEffective,
    ObservedDate => ObservedDate, Given => Given,
});
to_wire!(Verdict => Verdict {
    Ahead => Ahead, OnTrend => OnTrend, Behind => Behind, WithinInterval => WithinInterval,
    FirstToReach => FirstToReach, NoCostedReference => NoCostedReference, NoCost => NoCost, NoDate => NoDate,
    InsufficientData => InsufficientData, NotOnFrontier => NotOnFrontier,
});

/// The name of a basis as the API writes it, for texts.
pub(super) fn basis_name(basis: CostBasis) -> &'static str {
    match basis {
        CostBasis::Task => "TASK",
        CostBasis::TokenPrice => "TOKEN_PRICE",
        CostBasis::Training => "TRAINING",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_off_the_list_is_refused_with_the_list() {
        let refusal = cost_basis(9, "cost_basis").expect_err("off the list");
        assert_eq!(refusal.reason, Reason::FieldMalformed);
        assert_eq!(
            refusal.message,
            "cost_basis is `9`: expected one of `COST_BASIS_TASK`, `COST_BASIS_TOKEN_PRICE`, `COST_BASIS_TRAINING`"
        );
        assert!(order(-1, "order").is_err());
        assert!(relationships(&[1, 0], "x".into()).is_err());
    }

    #[test]
    fn enumerations_come_back_as_they_went() {
        for basis in CostBasis::ALL {
            assert_eq!(cost_basis(basis.wire(), "x"), Ok(Some(basis)));
        }
        for kind in [
            CostKind::Measured,
            CostKind::Reported,
            CostKind::Estimated,
            CostKind::Derived,
        ] {
            assert_eq!(cost_kind(kind.wire(), "x".into()), Ok(Some(kind)));
        }
        for state in [Status::Active, Status::Disputed, Status::Retracted] {
            assert_eq!(status(state.wire(), "x"), Ok(Some(state)));
        }
        for scope in [
            TrainingScope::Unknown,
            TrainingScope::FinalRun,
            TrainingScope::WholeProgram,
        ] {
            assert_eq!(training_scope(scope.wire(), "x".into()), Ok(scope));
        }
        for order_ in [
            Order::Score,
            Order::Value,
            Order::Overpay,
            Order::Conformance,
        ] {
            assert_eq!(order(order_.wire(), "x"), Ok(order_));
        }
        assert_eq!(None::<CostBasis>.wire(), 0);
    }
}

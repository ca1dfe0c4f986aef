//! What a posting tells by itself: that its resource answers, without anybody looking into it.
//!
//! * It speaks of resources that have one version only: what an earlier version left behind tells nothing.
//! * Where there is the least doubt it tells nothing, and the matcher decides. A code with its
//!   system is such a doubt, because terms hold codes alone; unless somebody knows that the code was
//!   never said in another one.
//! * A test compares it with the matcher on random resources and queries.

use crate::indexed::indexed;
use crate::parameter_id::{self as id, LAST_MONTH, ParameterId, SPANNING, UNDATED};
use crate::plan::{TermQuery, ZONE_MS};
use crate::query::{Contained, Criterion, Modifier, Query};
use crate::wanted::{Prefix, System, Wanted};
use fhir::Moment;

/// The postings of a term that answer a query by themselves.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Certain {
    /// Whatever they say of the time: nobody asked for one.
    always: bool,
    /// Where the resource begins in these seconds since 1970, both included,
    from: i64,
    to: i64,
    /// and lies in a month up to this one.
    last_month: u16,
}

impl Certain {
    /// True if a resource whose only version has this posting answers.
    pub fn holds(self, bucket: u16, seconds: i64) -> bool {
        let is_dated = !matches!(bucket, SPANNING | UNDATED);
        self.always || (is_dated && bucket <= self.last_month && (self.from..=self.to).contains(&seconds))
    }

    fn until(&mut self, moment: i64) {
        self.to = self.to.min(moment.saturating_sub(ZONE_MS).div_euclid(1000).saturating_sub(1));
    }

    fn since(&mut self, moment: i64) {
        self.from = self.from.max(moment.saturating_add(ZONE_MS).div_euclid(1000).saturating_add(1));
    }
}

/// Whether the code of a term was only ever said in a system.
pub type Sole<'s> = &'s dyn Fn(&[u8], &str) -> bool;

/// Which postings of a term answer a query by themselves; none where something is asked that a
/// posting of it cannot tell.
pub fn certain(query: &Query, term: &TermQuery, sole: Sole<'_>) -> Option<Certain> {
    let table = indexed(query.resource_type);
    let is_whole = query.links.is_empty() && query.filters.is_empty() && query.contained == Contained::False;
    let ([value], true) = (term.values.as_slice(), is_whole) else { return None };
    let is = |criterion: &Criterion, parameter: Option<&'static crate::Parameter>| {
        criterion.modifier == Modifier::Plain && criterion.missing.is_none() && parameter.is_some_and(|parameter| std::ptr::eq(parameter, criterion.parameter))
    };
    let mut certain = Certain { always: true, from: i64::MIN, to: i64::MAX, last_month: LAST_MONTH };
    let mut codes = 0;
    for criterion in &query.criteria {
        if is(criterion, table.code) && term.parameter == ParameterId::CODE && is_code(criterion, query, value, sole) {
            codes += 1;
        } else if is(criterion, table.dating) {
            narrow(&mut certain, criterion)?;
        } else {
            return None;
        }
    }
    // Everything of a dated type has one posting by its date.
    let lists_all = term.parameter == ParameterId::DATE && codes == 0;
    (lists_all || codes > 0).then_some(certain)
}

/// True if the criterion asks for just the code whose term this is, in whatever system or in its only one.
fn is_code(criterion: &Criterion, query: &Query, value: &[u8], sole: Sole<'_>) -> bool {
    let code = match criterion.wanted.as_slice() {
        [Wanted::Token { system: System::Any, code: Some(code) }] => code,
        [Wanted::Token { system: System::Is(system), code: Some(code) }] if sole(value, system) => code,
        _ => return false,
    };
    let mut own = Vec::new();
    id::code(query.resource_type, code, &mut own);
    own == value
}

/// Leaves only what is certain to meet a criterion on the date. Zones may move either side by a day.
fn narrow(certain: &mut Certain, criterion: &Criterion) -> Option<()> {
    let [Wanted::Date { prefix, low, high, .. }] = criterion.wanted.as_slice() else { return None };
    match prefix {
        Prefix::Ge | Prefix::Gt | Prefix::Sa => certain.since(high.0),
        Prefix::Lt | Prefix::Le => certain.until(low.0),
        Prefix::Eq => {
            certain.since(low.0);
            // What does not span ends before the second month after the one it begins in.
            let ends = Moment(high.0.saturating_sub(ZONE_MS)).month();
            certain.last_month = certain.last_month.min(ends.checked_sub(2)?);
        }
        _ => return None,
    }
    certain.always = false;
    Some(())
}

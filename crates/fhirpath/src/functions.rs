//! The names of the functions and how many arguments each takes.

/// A function of the language, of FHIR's additions, or of the SQL on FHIR additions.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
#[allow(missing_docs)]
pub(crate) enum Function {
    Empty, Exists, All, AllTrue, AnyTrue, AllFalse, AnyFalse, SubsetOf, SupersetOf, Count, Distinct, IsDistinct,
    Where, Select, Repeat, RepeatAll, OfType, Sort, Coalesce,
    Single, First, Last, Tail, Skip, Take, Intersect, Exclude, Union, Combine,
    Iif, ToBoolean, ConvertsToBoolean, ToInteger, ConvertsToInteger, ToDecimal, ConvertsToDecimal, ToString, ConvertsToString,
    ToDate, ConvertsToDate, ToDateTime, ConvertsToDateTime, ToTime, ConvertsToTime, ToQuantity, ConvertsToQuantity,
    IndexOf, LastIndexOf, Substring, StartsWith, EndsWith, Contains, Upper, Lower, Replace, Matches, MatchesFull, ReplaceMatches, Length, ToChars,
    Encode, Decode, Escape, Unescape, Trim, Split, Join,
    Abs, Ceiling, Exp, Floor, Ln, Log, Power, Round, Sqrt, Truncate,
    Children, Descendants, Trace, Now, TimeOfDay, Today, DefineVariable, LowBoundary, HighBoundary, Precision, Comparable,
    Type, Is, As, Not, Aggregate, Sum, Min, Max, Avg,
    Extension, HasValue, GetValue, Resolve, MemberOf, Subsumes, SubsumedBy, HtmlChecks, ConformsTo, CheckModifiers, ElementDefinition, Slice,
    GetResourceKey, GetReferenceKey,
}

use Function::*;

/// Function, name, least and most arguments.
const TABLE: [(Function, &str, u8, u8); 111] = [
    (Empty, "empty", 0, 0), (Exists, "exists", 0, 1), (All, "all", 1, 1), (AllTrue, "allTrue", 0, 0), (AnyTrue, "anyTrue", 0, 0),
    (AllFalse, "allFalse", 0, 0), (AnyFalse, "anyFalse", 0, 0), (SubsetOf, "subsetOf", 1, 1), (SupersetOf, "supersetOf", 1, 1),
    (Count, "count", 0, 0), (Distinct, "distinct", 0, 0), (IsDistinct, "isDistinct", 0, 0),
    (Where, "where", 1, 1), (Select, "select", 1, 1), (Repeat, "repeat", 1, 1), (RepeatAll, "repeatAll", 1, 1), (OfType, "ofType", 1, 1),
    (Sort, "sort", 0, 16), (Coalesce, "coalesce", 1, 16),
    (Single, "single", 0, 0), (First, "first", 0, 0), (Last, "last", 0, 0), (Tail, "tail", 0, 0), (Skip, "skip", 1, 1), (Take, "take", 1, 1),
    (Intersect, "intersect", 1, 1), (Exclude, "exclude", 1, 1), (Union, "union", 1, 1), (Combine, "combine", 1, 1),
    (Iif, "iif", 2, 3), (ToBoolean, "toBoolean", 0, 0), (ConvertsToBoolean, "convertsToBoolean", 0, 0),
    (ToInteger, "toInteger", 0, 0), (ConvertsToInteger, "convertsToInteger", 0, 0), (ToDecimal, "toDecimal", 0, 0), (ConvertsToDecimal, "convertsToDecimal", 0, 0),
    (ToString, "toString", 0, 0), (ConvertsToString, "convertsToString", 0, 0), (ToDate, "toDate", 0, 0), (ConvertsToDate, "convertsToDate", 0, 0),
    (ToDateTime, "toDateTime", 0, 0), (ConvertsToDateTime, "convertsToDateTime", 0, 0), (ToTime, "toTime", 0, 0), (ConvertsToTime, "convertsToTime", 0, 0),
    (ToQuantity, "toQuantity", 0, 1), (ConvertsToQuantity, "convertsToQuantity", 0, 1),
    (IndexOf, "indexOf", 1, 1), (LastIndexOf, "lastIndexOf", 1, 1), (Substring, "substring", 1, 2), (StartsWith, "startsWith", 1, 1), (EndsWith, "endsWith", 1, 1),
    (Contains, "contains", 1, 1), (Upper, "upper", 0, 0), (Lower, "lower", 0, 0), (Replace, "replace", 2, 2), (Matches, "matches", 1, 1),
    (MatchesFull, "matchesFull", 1, 1), (ReplaceMatches, "replaceMatches", 2, 2), (Length, "length", 0, 0), (ToChars, "toChars", 0, 0),
    (Encode, "encode", 1, 1), (Decode, "decode", 1, 1), (Escape, "escape", 1, 1), (Unescape, "unescape", 1, 1), (Trim, "trim", 0, 0),
    (Split, "split", 1, 1), (Join, "join", 0, 1),
    (Abs, "abs", 0, 0), (Ceiling, "ceiling", 0, 0), (Exp, "exp", 0, 0), (Floor, "floor", 0, 0), (Ln, "ln", 0, 0), (Log, "log", 1, 1),
    (Power, "power", 1, 1), (Round, "round", 0, 1), (Sqrt, "sqrt", 0, 0), (Truncate, "truncate", 0, 0),
    (Children, "children", 0, 0), (Descendants, "descendants", 0, 0), (Trace, "trace", 1, 2), (Now, "now", 0, 0), (TimeOfDay, "timeOfDay", 0, 0),
    (Today, "today", 0, 0), (DefineVariable, "defineVariable", 1, 2), (LowBoundary, "lowBoundary", 0, 1), (HighBoundary, "highBoundary", 0, 1),
    (Precision, "precision", 0, 0), (Comparable, "comparable", 1, 1),
    (Type, "type", 0, 0), (Is, "is", 1, 1), (As, "as", 1, 1), (Not, "not", 0, 0), (Aggregate, "aggregate", 1, 2),
    (Sum, "sum", 0, 0), (Min, "min", 0, 0), (Max, "max", 0, 0), (Avg, "avg", 0, 0),
    (Extension, "extension", 1, 1), (HasValue, "hasValue", 0, 0), (GetValue, "getValue", 0, 0), (Resolve, "resolve", 0, 0), (MemberOf, "memberOf", 1, 1),
    (Subsumes, "subsumes", 1, 1), (SubsumedBy, "subsumedBy", 1, 1), (HtmlChecks, "htmlChecks", 0, 0), (ConformsTo, "conformsTo", 1, 1),
    (CheckModifiers, "checkModifiers", 0, 16), (ElementDefinition, "elementDefinition", 0, 0), (Slice, "slice", 2, 2),
    (GetResourceKey, "getResourceKey", 0, 0), (GetReferenceKey, "getReferenceKey", 0, 1),
];

impl Function {
    /// The function of that name with its least and most arguments.
    pub(crate) fn named(name: &str) -> Option<(Function, usize, usize)> {
        TABLE.iter().find(|row| row.1 == name).map(|row| (row.0, row.2 as usize, row.3 as usize))
    }

    /// How it is written.
    pub(crate) fn name(self) -> &'static str {
        TABLE.iter().find(|row| row.0 == self).map_or("", |row| row.1)
    }
}

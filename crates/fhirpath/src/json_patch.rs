//! JSON Patch over a resource's tokens.
//!
//! * Operations are applied in order; the first that cannot be ends all, and nothing is
//!   changed then.
//! * What no operation touches keeps its tokens.
//!
//! <https://www.rfc-editor.org/rfc/rfc6902> and, for pointers,
//! <https://www.rfc-editor.org/rfc/rfc6901>

use crate::tree::Tree;
use fhir::{Kind, Value};
use std::borrow::Cow;

/// Most operations of one patch.
pub const MAX_OPERATIONS: usize = 1000;
/// Most bytes that one patch may copy and compare.
pub const MAX_BYTES: usize = 64 << 20;

/// Why a patch was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("operation {operation}{}: {problem}", shown(.path))]
pub struct JsonPatchError {
    /// The operation, from 0.
    pub operation: usize,
    /// The pointer it was about; empty where none was given.
    pub path: String,
    /// What is wrong.
    pub problem: JsonPatchProblem,
}

/// A pointer as it may be shown and logged: whoever sends one may write anything into it.
fn shown(path: &str) -> String {
    let is_showable = (1..=200).contains(&path.len()) && path.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'_' | b'-'));
    if is_showable { format!(" at {path}") } else { String::new() }
}

/// The kinds of refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs)]
pub enum JsonPatchProblem {
    #[error("a JSON Patch is an array of operations")]
    NotAnArray,
    #[error("a patch has at most 1000 operations")]
    TooMany,
    #[error("an operation is an object with op and path")]
    NotAnOperation,
    #[error("op is one of add, remove, replace, move, copy, test")]
    UnknownOperation,
    #[error("path is missing or not a JSON Pointer")]
    BadPath,
    #[error("from is missing or not a JSON Pointer")]
    BadFrom,
    #[error("value is missing")]
    NoValue,
    #[error("there is no such place")]
    NoSuchPlace,
    #[error("the index is not a number within the array")]
    BadIndex,
    #[error("a value cannot be moved into itself")]
    IntoItself,
    #[error("the whole document cannot be removed")]
    WholeDocument,
    #[error("the test found another value")]
    TestFailed,
    #[error("more than 64 MiB would be copied or compared")]
    TooLarge,
}

use JsonPatchProblem::*;

impl JsonPatchError {
    /// True if a `test` operation found another value.
    pub fn is_failed_test(&self) -> bool {
        self.problem == TestFailed
    }
}

/// The text of `document` after the operations of `patch`.
pub fn json_patch(document: Value<'_>, patch: Value<'_>) -> Result<String, JsonPatchError> {
    let whole = |problem| JsonPatchError { operation: 0, path: String::new(), problem };
    if patch.kind() != Kind::Array {
        return Err(whole(NotAnArray));
    }
    let mut tree = Tree::Kept(document);
    let mut copied_bytes = 0;
    for (number, operation) in patch.items().enumerate() {
        if number == MAX_OPERATIONS {
            return Err(whole(TooMany));
        }
        let path = operation.string("path").unwrap_or_default().into_owned();
        apply(&mut tree, operation, &mut copied_bytes).map_err(|problem| JsonPatchError { operation: number, path, problem })?;
    }
    Ok(tree.to_text())
}

fn apply<'d>(tree: &mut Tree<'d>, operation: Value<'d>, copied_bytes: &mut usize) -> Result<(), JsonPatchProblem> {
    if operation.kind() != Kind::Object {
        return Err(NotAnOperation);
    }
    let name = operation.string("op").ok_or(NotAnOperation)?;
    let path = pointer(operation.string("path")).ok_or(BadPath)?;
    let value = || operation.get("value").map(Tree::Kept).ok_or(NoValue);
    let from = || pointer(operation.string("from")).ok_or(BadFrom);
    match &*name {
        "add" => add(tree, &path, value()?),
        "remove" => remove(tree, &path).map(|_| ()),
        "replace" => {
            let value = value()?;
            *find(tree, &path)? = value;
            Ok(())
        }
        "move" => {
            let from = from()?;
            if path.len() > from.len() && path.starts_with(&from) {
                return Err(IntoItself);
            }
            if path == from {
                return find(tree, &path).map(|_| ());
            }
            let moved = remove(tree, &from)?;
            add(tree, &path, moved)
        }
        "copy" => {
            let copied = find(tree, &from()?)?.clone();
            *copied_bytes += copied.size_bytes();
            if *copied_bytes > MAX_BYTES {
                return Err(TooLarge);
            }
            add(tree, &path, copied)
        }
        "test" => {
            let wanted = operation.get("value").ok_or(NoValue)?;
            *copied_bytes += wanted.span().len();
            if *copied_bytes > MAX_BYTES {
                return Err(TooLarge);
            }
            if find(tree, &path)?.is_same(wanted) { Ok(()) } else { Err(TestFailed) }
        }
        _ => Err(UnknownOperation),
    }
}

/// The steps of a pointer, decoded.
fn pointer(text: Option<Cow<'_, str>>) -> Option<Vec<String>> {
    let text = text?;
    if text.is_empty() {
        return Some(Vec::new());
    }
    text.strip_prefix('/')?.split('/').map(step).collect()
}

fn step(text: &str) -> Option<String> {
    let mut out = String::new();
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '~' => out.push(match letters.next()? {
                '0' => '~',
                '1' => '/',
                _ => return None,
            }),
            other => out.push(other),
        }
    }
    Some(out)
}

fn index(step: &str) -> Option<usize> {
    let sound = !step.is_empty() && step.bytes().all(|byte| byte.is_ascii_digit()) && (step == "0" || !step.starts_with('0'));
    if sound { step.parse().ok() } else { None }
}

fn find<'t, 'd>(tree: &'t mut Tree<'d>, path: &[String]) -> Result<&'t mut Tree<'d>, JsonPatchProblem> {
    let mut at = tree;
    for step in path {
        at = if at.items().is_some() {
            let index = index(step).ok_or(BadIndex)?;
            at.items().and_then(|items| items.get_mut(index)).ok_or(BadIndex)?
        } else {
            at.member(step).ok_or(NoSuchPlace)?
        };
    }
    Ok(at)
}

fn add<'d>(tree: &mut Tree<'d>, path: &[String], value: Tree<'d>) -> Result<(), JsonPatchProblem> {
    let Some((last, parents)) = path.split_last() else {
        *tree = value;
        return Ok(());
    };
    let parent = find(tree, parents)?;
    if let Some(items) = parent.items() {
        let at = if last == "-" { items.len() } else { index(last).filter(|index| *index <= items.len()).ok_or(BadIndex)? };
        items.insert(at, value);
        return Ok(());
    }
    if parent.members().is_none() {
        return Err(NoSuchPlace);
    }
    parent.set(last, value);
    Ok(())
}

fn remove<'d>(tree: &mut Tree<'d>, path: &[String]) -> Result<Tree<'d>, JsonPatchProblem> {
    let Some((last, parents)) = path.split_last() else { return Err(WholeDocument) };
    let parent = find(tree, parents)?;
    if let Some(items) = parent.items() {
        let at = index(last).filter(|index| *index < items.len()).ok_or(BadIndex)?;
        return Ok(items.remove(at));
    }
    parent.remove(last).ok_or(NoSuchPlace)
}

#[cfg(test)]
mod tests {
    use super::*;
    use fhir::Document;

    fn check(document: &str, patch: &str, expect: Result<&str, JsonPatchProblem>) {
        let (document_read, patch_read) = (Document::read(document).unwrap(), Document::read(patch).unwrap());
        let found = json_patch(document_read.root(), patch_read.root());
        match expect {
            Ok(text) => assert_eq!(found.as_deref(), Ok(text), "{document} {patch}"),
            Err(problem) => assert_eq!(found.unwrap_err().problem, problem, "{document} {patch}"),
        }
    }

    #[test]
    fn values_are_added_in_their_place() {
        check(r#"{"a":1}"#, r#"[{"op":"add","path":"/b","value":[2]}]"#, Ok(r#"{"a":1,"b":[2]}"#));
        check(r#"{"a":[1,2]}"#, r#"[{"op":"add","path":"/a/1","value":9}]"#, Ok(r#"{"a":[1,9,2]}"#));
        check(r#"{"a":[1]}"#, r#"[{"op":"add","path":"/a/-","value":{"b":null}}]"#, Ok(r#"{"a":[1,{"b":null}]}"#));
        check(r#"{"a":[1]}"#, r#"[{"op":"add","path":"/a/2","value":9}]"#, Err(BadIndex));
        check(r#"{"a":[1]}"#, r#"[{"op":"add","path":"/a/01","value":9}]"#, Err(BadIndex));
        check(r#"{"a":1}"#, r#"[{"op":"add","path":"/x/y","value":9}]"#, Err(NoSuchPlace));
        check(r#"{"a":1}"#, r#"[{"op":"add","path":"/a/y","value":9}]"#, Err(NoSuchPlace));
        check(r#"{"a":1}"#, r#"[{"op":"add","path":"/a","value":2}]"#, Ok(r#"{"a":2}"#));
        check(r#"{"a":1}"#, r#"[{"op":"add","path":"","value":[3]}]"#, Ok("[3]"));
        check(r#"{"a":1}"#, r#"[{"op":"add","path":"/b"}]"#, Err(NoValue));
    }

    #[test]
    fn values_are_removed_and_replaced() {
        check(r#"{"a":1,"b":2}"#, r#"[{"op":"remove","path":"/a"}]"#, Ok(r#"{"b":2}"#));
        check(r#"{"a":[1,2,3]}"#, r#"[{"op":"remove","path":"/a/1"}]"#, Ok(r#"{"a":[1,3]}"#));
        check(r#"{"a":[1]}"#, r#"[{"op":"remove","path":"/a/-"}]"#, Err(BadIndex));
        check(r#"{"a":1}"#, r#"[{"op":"remove","path":"/b"}]"#, Err(NoSuchPlace));
        check(r#"{"a":1}"#, r#"[{"op":"remove","path":""}]"#, Err(WholeDocument));
        check(r#"{"a":1,"b":2}"#, r#"[{"op":"replace","path":"/a","value":"x"}]"#, Ok(r#"{"a":"x","b":2}"#));
        check(r#"{"a":1}"#, r#"[{"op":"replace","path":"/b","value":"x"}]"#, Err(NoSuchPlace));
    }

    #[test]
    fn values_are_moved_and_copied() {
        check(r#"{"a":{"x":1,"y":2},"b":{}}"#, r#"[{"op":"move","from":"/a/y","path":"/b/z"}]"#, Ok(r#"{"a":{"x":1},"b":{"z":2}}"#));
        check(r#"{"a":[1,2,3]}"#, r#"[{"op":"move","from":"/a/0","path":"/a/2"}]"#, Ok(r#"{"a":[2,3,1]}"#));
        check(r#"{"a":{"b":1}}"#, r#"[{"op":"move","from":"/a","path":"/a/b"}]"#, Err(IntoItself));
        check(r#"{"a":1}"#, r#"[{"op":"move","from":"/b","path":"/c"}]"#, Err(NoSuchPlace));
        check(r#"{"a":1}"#, r#"[{"op":"move","path":"/c"}]"#, Err(BadFrom));
        check(r#"{"a":[1.50]}"#, r#"[{"op":"copy","from":"/a/0","path":"/b"}]"#, Ok(r#"{"a":[1.50],"b":1.50}"#));
    }

    #[test]
    fn a_test_compares_values_not_texts() {
        check(r#"{"a":[1.0,{"b":"\u0041","c":2}]}"#, r#"[{"op":"test","path":"/a","value":[1,{"c":20e-1,"b":"A"}]}]"#, Ok(r#"{"a":[1.0,{"b":"\u0041","c":2}]}"#));
        check(r#"{"a":"1"}"#, r#"[{"op":"test","path":"/a","value":1}]"#, Err(TestFailed));
        check(r#"{"a":null}"#, r#"[{"op":"test","path":"/a","value":null}]"#, Ok(r#"{"a":null}"#));
    }

    #[test]
    fn pointers_decode_their_escapes() {
        check(r#"{"a/b":1,"m~n":2,"":3}"#, r#"[{"op":"remove","path":"/a~1b"},{"op":"replace","path":"/m~0n","value":4},{"op":"remove","path":"/"}]"#, Ok(r#"{"m~n":4}"#));
        check(r#"{"a":1}"#, r#"[{"op":"remove","path":"/~2"}]"#, Err(BadPath));
        check(r#"{"a":1}"#, r#"[{"op":"remove","path":"a"}]"#, Err(BadPath));
    }

    #[test]
    fn what_is_no_patch_is_refused() {
        check("{}", "{}", Err(NotAnArray));
        check("{}", "[1]", Err(NotAnOperation));
        check("{}", r#"[{"path":"/a"}]"#, Err(NotAnOperation));
        check("{}", r#"[{"op":"spin","path":"/a"}]"#, Err(UnknownOperation));
        check("{}", r#"[{"op":"add","value":1}]"#, Err(BadPath));
    }

    #[test]
    fn a_pointer_that_is_none_of_a_resource_is_not_repeated() {
        let told = |pointer: &str| JsonPatchError { operation: 0, path: pointer.to_owned(), problem: NoSuchPlace }.to_string();
        assert_eq!(told("/name/0/given/-"), "operation 0 at /name/0/given/-: there is no such place");
        for odd in ["/Ana Silva", "/Nguyễn", &"/a".repeat(200), ""] {
            assert_eq!(told(odd), "operation 0: there is no such place");
        }
    }

    #[test]
    fn numbers_of_any_size_are_compared() {
        check(r#"{"a":10e9223372036854775807}"#, r#"[{"op":"test","path":"/a","value":1}]"#, Err(TestFailed));
        check(r#"{"a":10e2}"#, r#"[{"op":"test","path":"/a","value":1.0E3}]"#, Ok(r#"{"a":10e2}"#));
    }

    #[test]
    fn copying_cannot_swell_without_end() {
        let long = format!(r#"{{"a":["{}"]}}"#, "x".repeat(1 << 20));
        let operations: Vec<String> = (0..20).map(|_| r#"{"op":"copy","from":"/a","path":"/a/-"}"#.to_owned()).collect();
        check(&long, &format!("[{}]", operations.join(",")), Err(TooLarge));
    }

    #[test]
    fn untouched_tokens_stay() {
        check(r#"{"z":1.10e0,"a":"\u00e9","n":{"k":[1.00]}}"#, r#"[{"op":"add","path":"/n/k/0","value":7}]"#, Ok(r#"{"z":1.10e0,"a":"\u00e9","n":{"k":[7,1.00]}}"#));
    }
}

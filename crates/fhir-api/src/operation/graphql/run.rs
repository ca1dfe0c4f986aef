//! A query carried out: elements are picked, references followed, searches asked, each through the door.
//!
//! * What the caller may not see is not there: a reference to it cannot be resolved, a search passes it over.
//! * Resources, searches and values of one query are counted; past a bound the query fails.

use super::output::{Members, Out};
use super::schema;
use super::query::{Field, Given, Selection};
use super::select::{self, Evaluations, collect, refused};
use crate::asked::Asked;
use crate::operation::Place;
use crate::outcome::Trouble;
use axum::http::StatusCode;
use chart::{Page, SearchMode};
use fhir::{Document, IssueCode, Reference, ResourceType, Value};
use fhirpath::Node;
use search::{Handling, Query};
use std::future::Future;
use std::pin::Pin;

const RESOURCES_MOST: usize = 2_000;
const SEARCHES_MOST: usize = 200;
const VALUES_MOST: usize = 500_000;
/// What a list holds where nobody says how many; more is refused, never cut.
const LIST_MOST: usize = 1_000;

/// Search parameters that would change the shape of the answer.
const NO_CRITERIA: [&str; 9] = ["_include", "_revinclude", "_summary", "_elements", "_format", "_pretty", "_contained", "_containedType", "_cursor"];

type Work<'f> = Pin<Box<dyn Future<Output = Result<(), Trouble>> + Send + 'f>>;

/// Carries out the selections of a query at a place.
pub(super) async fn run<'r>(asked: &'r Asked<'r>, place: Place<'r>, selections: &[Selection]) -> Result<Out, Trouble> {
    let mut run = Run { asked, place, evaluations: Evaluations::default(), resources: 0, searches: 0, values: 0, bytes: 0 };
    let selections: Vec<&Selection> = selections.iter().collect();
    let mut members = Members::default();
    match place {
        Place::Instance(kind, id) => {
            let document = run.fetched(asked.chart.read(asked.caller, kind, id).await?)?;
            run.object(Node::resource(document.root()), document.root(), &selections, &mut members, Within { is_top: true, ..Within::default() }).await?;
        }
        Place::Type(kind) => run.root(Some(kind), &selections, &mut members).await?,
        _ => run.root(None, &selections, &mut members).await?,
    }
    Ok(Out::Object(members))
}

/// What surrounds an object in the answer.
#[derive(Clone, Default)]
struct Within {
    /// A list that was flattened away: what is put goes into lists.
    in_list: bool,
    /// Flattened at all: what is not there is then not told as null.
    flat: bool,
    /// What `@slice` adds to each name.
    suffix: String,
    /// Nothing: this is where the query begins.
    is_top: bool,
}

struct Run<'r> {
    asked: &'r Asked<'r>,
    place: Place<'r>,
    evaluations: Evaluations,
    resources: usize,
    searches: usize,
    values: usize,
    /// Of names and values: one long value may be asked for under many names.
    bytes: usize,
}

fn too_costly(what: &str, most: usize) -> Trouble {
    Trouble::new(StatusCode::FORBIDDEN, IssueCode::TooCostly, format!("The query needs more than {most} {what}; ask for less at once."))
}

impl Run<'_> {
    /// The fields of a system or a type: one resource by its id, lists and connections.
    async fn root(&mut self, only: Option<ResourceType>, selections: &[&Selection], members: &mut Members) -> Result<(), Trouble> {
        let mut fields = Vec::new();
        collect("Query", selections, &mut fields)?;
        for (field, inner) in fields {
            if field.name == "__typename" {
                self.put(field, members, &Within::default(), false, (Out::text("Query"), ""))?;
                continue;
            }
            if is_about_schema(field) {
                let told = schema::tell(self.place, field, &inner)?;
                self.put(field, members, &Within::default(), false, (told, ""))?;
                continue;
            }
            let Some((kind, ask)) = asks(&field.name) else {
                return Err(refused(IssueCode::NotSupported, field, "Here one asks for Type, TypeList or TypeConnection, as in PatientList"));
            };
            if only.is_some_and(|only| only != kind) {
                return Err(refused(IssueCode::NotSupported, field, "At the address of a type one asks for that type"));
            }
            match ask {
                Ask::One => self.one(kind, field, &inner, members).await?,
                ask => self.search(kind, ask, None, field, &inner, members, &Within::default()).await?,
            }
        }
        Ok(())
    }

    async fn one(&mut self, kind: ResourceType, field: &Field, inner: &[&Selection], members: &mut Members) -> Result<(), Trouble> {
        let id = field.argument("id").or_else(|| field.argument("_id")).and_then(Given::text);
        let id = id.ok_or_else(|| refused(IssueCode::Required, field, "Name the resource by id"))?;
        if let Some((name, _)) = field.arguments.iter().find(|(name, _)| name != "id" && name != "_id") {
            return Err(refused(IssueCode::NotSupported, field, format!("One resource is named by id alone, not by {name}")));
        }
        let document = self.fetched(self.asked.chart.read(self.asked.caller, kind, id).await?)?;
        self.resource(document.root(), field, inner, members, &Within::default(), false).await
    }

    /// Counts a resource and reads its tree.
    fn fetched(&mut self, stored: chart::Stored) -> Result<Document<'static>, Trouble> {
        self.resources += 1;
        if self.resources > RESOURCES_MOST {
            return Err(too_costly("resources", RESOURCES_MOST));
        }
        Document::read_owned(stored.text).map_err(|_| Trouble::inside())
    }

    /// Puts a whole resource under a field, or its members where the field is flattened.
    async fn resource(&mut self, root: Value<'_>, field: &Field, inner: &[&Selection], members: &mut Members, within: &Within, list: bool) -> Result<(), Trouble> {
        if inner.is_empty() {
            return Err(refused(IssueCode::Invalid, field, "Say which elements of the resource are wanted"));
        }
        if field.directive("flatten").is_some() {
            return self.object(Node::resource(root), root, inner, members, Within { in_list: within.in_list || list, flat: true, ..within.clone() }).await;
        }
        let mut own = Members::default();
        self.object(Node::resource(root), root, inner, &mut own, Within::default()).await?;
        self.put(field, members, within, list, (Out::Object(own), Node::resource(root).type_name()))
    }

    /// Puts the fields asked of a node.
    fn object<'f>(&'f mut self, node: Node<'f>, root: Value<'f>, selections: &'f [&'f Selection], members: &'f mut Members, within: Within) -> Work<'f> {
        Box::pin(async move {
            let mut fields = Vec::new();
            collect(node.type_name(), selections, &mut fields)?;
            for (field, inner) in fields {
                match field.name.as_str() {
                    "__typename" => self.put(field, members, &within, false, (Out::text(&schema::graphql_name(node.type_name())), "string"))?,
                    _ if within.is_top && is_about_schema(field) => {
                        let told = schema::tell(self.place, field, &inner)?;
                        self.put(field, members, &within, false, (told, ""))?;
                    }
                    "resourceType" if node.is_resource() => self.put(field, members, &within, false, (Out::text(node.type_name()), "string"))?,
                    "resource" if node.type_name() == "Reference" => self.follow(node, root, field, &inner, members, &within).await?,
                    name => match asks(name) {
                        Some((kind, ask)) if node.is_resource() && ask != Ask::One => {
                            let id = node.value.and_then(|value| value.string("id")).unwrap_or_default();
                            let about = format!("{}/{id}", node.type_name());
                            self.search(kind, ask, Some(&about), field, &inner, members, &within).await?;
                        }
                        _ => self.element(node, root, field, &inner, members, &within).await?,
                    },
                }
            }
            Ok(())
        })
    }

    async fn element(&mut self, node: Node<'_>, root: Value<'_>, field: &Field, inner: &[&Selection], members: &mut Members, within: &Within) -> Result<(), Trouble> {
        let (nodes, is_list) = select::members(node, field)?;
        let nodes = select::narrowed(nodes, root, field, &mut self.evaluations)?;
        let list = is_list && field.directive("first").is_none();
        let flatten = field.directive("flatten").is_some();
        if nodes.is_empty() && !flatten && !within.flat && field.directive("slice").is_none() {
            return self.put(field, members, within, false, (Out::null(), ""));
        }
        for (index, child) in nodes.into_iter().enumerate() {
            let slice = select::slice(child, root, index, field, &mut self.evaluations)?;
            let around = Within { suffix: format!("{}{slice}", within.suffix), ..within.clone() };
            let scalar = select::is_scalar(child, inner, field)?;
            if scalar {
                let token = child.value.map_or_else(|| "null".to_owned(), |value| value.raw().to_owned());
                self.put(field, members, &around, list, (Out::Token(token), child.type_name()))?;
            } else if flatten {
                self.object(child, root, inner, members, Within { in_list: within.in_list || list, flat: true, ..around }).await?;
            } else {
                let mut own = Members::default();
                self.object(child, root, inner, &mut own, Within::default()).await?;
                self.put(field, members, &around, list, (Out::Object(own), child.type_name()))?;
            }
        }
        Ok(())
    }

    /// Puts a value under the name of a field.
    fn put(&mut self, field: &Field, members: &mut Members, within: &Within, list: bool, (value, kind): (Out, &'static str)) -> Result<(), Trouble> {
        self.values += 1;
        if self.values > VALUES_MOST {
            return Err(too_costly("values", VALUES_MOST));
        }
        let name = format!("{}{}", field.shown, within.suffix);
        self.bytes += name.len() + value.size_bytes();
        if self.bytes > self.asked.settings.body_limit_bytes {
            return Err(too_costly("bytes", self.asked.settings.body_limit_bytes));
        }
        let list = (list || within.in_list) && field.directive("singleton").is_none();
        let fits = if list { members.add(&name, value, kind) } else { members.set(&name, value) };
        if fits { Ok(()) } else { Err(refused(IssueCode::Invalid, field, "Two values that cannot be one list would stand under one name of the answer; give one an alias, or leave @flatten, @singleton or @first out")) }
    }

    /// `resource` of a Reference.
    async fn follow(&mut self, node: Node<'_>, root: Value<'_>, field: &Field, inner: &[&Selection], members: &mut Members, within: &Within) -> Result<(), Trouble> {
        let (mut optional, mut wanted) = (false, None);
        for (name, given) in &field.arguments {
            match (name.as_str(), given) {
                ("optional", Given::Truth(truth)) => optional = *truth,
                ("type", Given::Text(kind)) => wanted = Some(ResourceType::named(kind).ok_or_else(|| refused(IssueCode::Value, field, "type is a resource type of R4"))?),
                _ => return Err(refused(IssueCode::NotSupported, field, "resource takes optional: true or false, and type")),
            }
        }
        let text = node.value.and_then(|value| value.string("reference")).unwrap_or_default();
        if let Some(id) = text.strip_prefix('#') {
            let contained = root.get("contained").into_iter().flat_map(|all| all.items()).find(|one| one.string("id").as_deref() == Some(id));
            return match contained {
                Some(found) if wanted.is_none_or(|wanted| found.string("resourceType").as_deref() == Some(wanted.name())) => {
                    let mut own = Members::default();
                    if field.directive("flatten").is_some() {
                        return self.object(Node::resource(found), root, inner, members, Within { flat: true, ..within.clone() }).await;
                    }
                    self.object(Node::resource(found), root, inner, &mut own, Within::default()).await?;
                    self.put(field, members, within, false, (Out::Object(own), Node::resource(found).type_name()))
                }
                Some(_) => self.nothing(field, members, within),
                None if optional => self.nothing(field, members, within),
                None => Err(refused(IssueCode::NotFound, field, "The reference cannot be resolved; optional: true passes it over")),
            };
        }
        let base = self.asked.base();
        let found = match Reference::within(&text, &base).local() {
            Some((kind, _)) if wanted.is_some_and(|wanted| wanted != kind) => return self.nothing(field, members, within),
            Some((kind, id)) => match self.asked.chart.read(self.asked.caller, kind, id).await {
                Ok(stored) => Some(stored),
                Err(chart::Error::NotFound | chart::Error::Gone { .. }) => None,
                Err(cause) => return Err(cause.into()),
            },
            None => None,
        };
        match found {
            Some(stored) => {
                let document = self.fetched(stored)?;
                self.resource(document.root(), field, inner, members, within, false).await
            }
            None if optional => self.nothing(field, members, within),
            None => Err(refused(IssueCode::NotFound, field, "The reference cannot be resolved; optional: true passes it over")),
        }
    }

    fn nothing(&mut self, field: &Field, members: &mut Members, within: &Within) -> Result<(), Trouble> {
        if within.flat || field.directive("flatten").is_some() { Ok(()) } else { self.put(field, members, within, false, (Out::null(), "")) }
    }

    /// `TypeList` and `TypeConnection`.
    #[allow(clippy::too_many_arguments)]
    async fn search(&mut self, kind: ResourceType, ask: Ask, about: Option<&str>, field: &Field, inner: &[&Selection], members: &mut Members, within: &Within) -> Result<(), Trouble> {
        self.searches += 1;
        if self.searches > SEARCHES_MOST {
            return Err(too_costly("searches", SEARCHES_MOST));
        }
        if crate::audit::is_log(self.asked, kind) {
            return Err(refused(IssueCode::NotSupported, field, "The log of openings is no part of what is asked so; search it at AuditEvent"));
        }
        let (query, cursor, is_counted) = self.query(kind, about, field)?;
        let page = self.asked.chart.search(self.asked.caller, &query, cursor.as_deref()).await?;
        if ask == Ask::Connection {
            return self.connection(&query, page, field, inner, members, within).await;
        }
        if page.next.is_some() && !is_counted {
            return Err(refused(IssueCode::TooCostly, field, format!("More than {LIST_MOST} answer this; say how many in _count, or page through a {kind}Connection")));
        }
        let mut is_empty = true;
        for hit in page.items.into_iter().filter(|hit| hit.mode == SearchMode::Match) {
            is_empty = false;
            let document = self.fetched(hit.stored)?;
            self.resource(document.root(), field, inner, members, within, field.directive("first").is_none()).await?;
            if field.directive("first").is_some() {
                break;
            }
        }
        // A list that was asked for and is empty is there.
        if is_empty && !within.flat && field.directive("flatten").is_none() {
            let nothing = if field.directive("first").is_some() || field.directive("singleton").is_some() { Out::null() } else { Out::List(Vec::new()) };
            self.values += 1;
            members.set(&format!("{}{}", field.shown, within.suffix), nothing);
        }
        Ok(())
    }

    /// The query behind the arguments of a field, its cursor, and whether its size was named.
    fn query(&self, kind: ResourceType, about: Option<&str>, field: &Field) -> Result<(Query, Option<String>, bool), Trouble> {
        let (mut pairs, mut cursor, mut counted): (Vec<(String, String)>, _, _) = (Vec::new(), None, false);
        let mut referred = about.is_none();
        for (name, given) in &field.arguments {
            let values = given.texts().ok_or_else(|| refused(IssueCode::Value, field, "a criterion is a text or a list of texts"))?;
            match name.as_str() {
                "_cursor" => cursor = values.into_iter().next(),
                "_reference" => {
                    let (Some(about), Some(parameter)) = (about, values.into_iter().next()) else {
                        return Err(refused(IssueCode::NotSupported, field, "_reference names a search parameter, inside of a resource"));
                    };
                    pairs.push((parameter.replace('_', "-"), about.to_owned()));
                    referred = true;
                }
                name if NO_CRITERIA.contains(&name) => return Err(refused(IssueCode::NotSupported, field, format!("{name} has no meaning in GraphQL"))),
                name => {
                    counted |= name == "_count";
                    // The dash of a parameter is no sign of a GraphQL name.
                    let parameter = if name.starts_with('_') { name.to_owned() } else { name.replace('_', "-") };
                    pairs.extend(values.into_iter().map(|value| (parameter.clone(), value)));
                }
            }
        }
        if !referred {
            return Err(refused(IssueCode::Required, field, "Inside of a resource a search names by which parameter it refers here: _reference: patient"));
        }
        if !counted {
            pairs.push(("_count".to_owned(), LIST_MOST.to_string()));
        }
        let context = crate::search::context(self.asked);
        let pairs = pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let query = Query::parse(kind, pairs, Handling::Strict, context).map_err(Trouble::malformed_by)?;
        Ok((query, cursor, counted))
    }

    /// A page with its cursors. Only the way forward is known: a page can be asked for again.
    async fn connection(&mut self, query: &Query, page: Page<chart::Hit>, field: &Field, inner: &[&Selection], members: &mut Members, within: &Within) -> Result<(), Trouble> {
        let mut fields = Vec::new();
        let kind = query.resource_type;
        collect(&format!("{kind}Connection"), inner, &mut fields)?;
        if fields.is_empty() {
            return Err(refused(IssueCode::Invalid, field, "Say which of count, pagesize, next and edges are wanted"));
        }
        let Page { items, total, next, .. } = page;
        let number = |number: Option<u64>| number.map_or_else(Out::null, |number| Out::Token(number.to_string()));
        let hits: Vec<_> = items.into_iter().filter(|hit| hit.mode == SearchMode::Match).collect();
        let documents = hits.into_iter().map(|hit| self.fetched(hit.stored)).collect::<Result<Vec<_>, _>>()?;
        let mut own = Members::default();
        for (part, inner) in fields {
            let value = match part.name.as_str() {
                "__typename" => Out::text(&format!("{kind}Connection")),
                "count" => number(total),
                "pagesize" => number(query.count.map(u64::from)),
                "next" => next.as_deref().map_or_else(Out::null, Out::text),
                "offset" | "first" | "previous" | "last" => Out::null(),
                "edges" => Out::List(self.edges(kind, &documents, part, &inner).await?),
                _ => return Err(refused(IssueCode::Invalid, part, "A connection has count, offset, pagesize, first, previous, next, last and edges")),
            };
            self.put(part, &mut own, &Within::default(), false, (value, ""))?;
        }
        self.put(field, members, within, false, (Out::Object(own), ""))
    }

    async fn edges(&mut self, kind: ResourceType, documents: &[Document<'static>], field: &Field, inner: &[&Selection]) -> Result<Vec<Out>, Trouble> {
        let mut fields = Vec::new();
        let name = format!("{kind}Edge");
        collect(&name, inner, &mut fields)?;
        let mut edges = Vec::with_capacity(documents.len());
        for document in documents {
            let mut edge = Members::default();
            for (part, inner) in &fields {
                match part.name.as_str() {
                    "__typename" => self.put(part, &mut edge, &Within::default(), false, (Out::text(&name), ""))?,
                    "mode" => self.put(part, &mut edge, &Within::default(), false, (Out::text("match"), ""))?,
                    "score" => self.put(part, &mut edge, &Within::default(), false, (Out::null(), ""))?,
                    "resource" => self.resource(document.root(), part, inner, &mut edge, &Within::default(), false).await?,
                    _ => return Err(refused(IssueCode::Invalid, field, "An edge has mode, score and resource")),
                }
            }
            edges.push(Out::Object(edge));
        }
        Ok(edges)
    }
}

fn is_about_schema(field: &Field) -> bool {
    matches!(field.name.as_str(), "__schema" | "__type")
}

/// What a field of a system asks for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ask {
    One,
    List,
    Connection,
}

fn asks(name: &str) -> Option<(ResourceType, Ask)> {
    let named = |name: &str, ask| ResourceType::named(name).map(|kind| (kind, ask));
    // `List` is a type of its own.
    name.strip_suffix("Connection").and_then(|name| named(name, Ask::Connection)).or_else(|| name.strip_suffix("List").and_then(|name| named(name, Ask::List))).or_else(|| named(name, Ask::One))
}

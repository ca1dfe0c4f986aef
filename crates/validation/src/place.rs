//! Where the walk is, as a chain on the stack; it becomes FHIRPath only when there is an issue.

/// One step of the way down.
#[derive(Clone, Copy)]
pub(crate) struct Place<'p> {
    parent: Option<&'p Place<'p>>,
    step: Step<'p>,
}

#[derive(Clone, Copy)]
enum Step<'p> {
    /// `Patient`
    Root(&'p str),
    /// `.name`
    Member(&'p str),
    /// `.value.ofType(Quantity)`
    Choice(&'p str, &'p str),
    /// `[2]`
    Item(usize),
}

impl<'p> Place<'p> {
    /// The beginning: a resource type.
    pub(crate) fn root(name: &'p str) -> Place<'p> {
        Place { parent: None, step: Step::Root(name) }
    }

    /// An element.
    pub(crate) fn member(&'p self, name: &'p str) -> Place<'p> {
        Place { parent: Some(self), step: Step::Member(name) }
    }

    /// A choice element with the type it was sent as.
    pub(crate) fn choice(&'p self, name: &'p str, type_name: &'p str) -> Place<'p> {
        Place { parent: Some(self), step: Step::Choice(name, type_name) }
    }

    /// One of many.
    pub(crate) fn item(&'p self, index: usize) -> Place<'p> {
        Place { parent: Some(self), step: Step::Item(index) }
    }

    /// True for an item of a resource's `contained`.
    pub(crate) fn is_contained(&self) -> bool {
        let is_member = |step: Step<'_>| matches!(step, Step::Member("contained"));
        is_member(self.step) || self.parent.is_some_and(|parent| is_member(parent.step))
    }

    /// The way as FHIRPath: `Patient.name[0].given[1]`.
    pub(crate) fn expression(&self) -> String {
        let mut out = String::new();
        self.write(&mut out);
        out
    }

    fn write(&self, out: &mut String) {
        if let Some(parent) = self.parent {
            parent.write(out);
        }
        match self.step {
            Step::Root(name) => out.push_str(name),
            Step::Member(name) => out.extend([".", name]),
            Step::Choice(name, type_name) => out.extend([".", name, ".ofType(", type_name, ")"]),
            Step::Item(index) => out.push_str(&format!("[{index}]")),
        }
    }
}

/// A member name that may be shown: senders write what they like there, even a person's name.
pub(crate) fn is_showable(name: &str) -> bool {
    !name.is_empty() && name.len() <= 64 && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_reads_as_fhirpath() {
        let root = Place::root("Bundle");
        let (entry, first) = (root.member("entry"), 3);
        let item = entry.item(first);
        let resource = item.member("resource");
        let value = resource.choice("value", "Quantity");
        assert_eq!(value.member("unit").expression(), "Bundle.entry[3].resource.value.ofType(Quantity).unit");
        assert!(!is_showable("a b") && !is_showable("") && is_showable("birthDate"));
    }
}

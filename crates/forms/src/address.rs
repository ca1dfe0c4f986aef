//! The addresses of the extensions a form may carry.

/// FHIR's own extensions begin with this.
pub(crate) const CORE: &str = "http://hl7.org/fhir/StructureDefinition/";
/// Those of the guide on structured data capture begin with this.
pub(crate) const SDC: &str = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-";
/// Why there is no answer. <https://hl7.org/fhir/R4/extension-data-absent-reason.html>
pub(crate) const ABSENT: &str = "http://hl7.org/fhir/StructureDefinition/data-absent-reason";
/// Which reasons for no answer an item takes.
pub(crate) const MAY_BE_ABSENT: &str = "https://carnet.health/fhir/StructureDefinition/form-absent";
/// The answer came out of the record and nobody has confirmed it yet.
pub(crate) const PREFILLED: &str = "https://carnet.health/fhir/StructureDefinition/form-prefilled";
/// What was typed and is no answer of the type the item wants.
pub(crate) const TYPED: &str = "https://carnet.health/fhir/StructureDefinition/form-typed";
/// Whether a form is an official one or proposed by us.
pub(crate) const STANDING: &str = "https://carnet.health/fhir/StructureDefinition/form-standing";
/// The name of the template it is printed by.
pub(crate) const PRINT: &str = "https://carnet.health/fhir/StructureDefinition/form-print";
/// What stands at the head of its papers beside who issues them; once for each line.
pub(crate) const LETTERHEAD: &str = "https://carnet.health/fhir/StructureDefinition/form-letterhead";
/// Where the list of fields comes from.
pub(crate) const SOURCE: &str = "https://carnet.health/fhir/StructureDefinition/form-source";
/// The system of the kinds of forms.
pub(crate) const FORM_KINDS: &str = "https://carnet.health/fhir/CodeSystem/form-kind";
/// What a form asks of whoever signs what answers it; once for each thing asked.
pub(crate) const SIGNATURE: &str = "https://carnet.health/fhir/StructureDefinition/form-signature";
/// What kind of certificate a form makes, and what holds of it.
pub(crate) const CERTIFICATE: &str = "https://carnet.health/fhir/StructureDefinition/form-certificate";
/// The form is one by which something is added to a signed document.
pub(crate) const ADDENDUM: &str = "https://carnet.health/fhir/StructureDefinition/form-addendum";
/// Who may fill a form in; once for each.
pub(crate) const FILLERS: &str = "https://carnet.health/fhir/StructureDefinition/form-filler";
/// The answer stands on no copy that is made for an employer or a school.
pub(crate) const WITHHELD: &str = "https://carnet.health/fhir/StructureDefinition/form-withheld";

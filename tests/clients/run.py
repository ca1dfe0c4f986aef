"""FHIR clients that others wrote for Python, against a running Carnet: see run.mjs."""

import base64
import os
import sys

from fhirclient import client
from fhirclient.models import bundle as bundles
from fhirclient.models import humanname, patient
from fhirpy import SyncFHIRClient
from fhirpy.base.exceptions import OperationOutcome, ResourceNotFound

URL = os.environ["CARNET_URL"] + "/fhir"
WORDS = [line.split() for line in open(os.environ["CARNET_SIGN_INS"], encoding="utf-8")]
LOGIN, PASSWORD = next(words[1:3] for words in WORDS if len(words) > 2 and words[1] == "system")
AUTHORIZATION = "Basic " + base64.b64encode(f"{LOGIN}:{PASSWORD}".encode()).decode()
FAMILY = f"Pythonson{os.getpid()}"
COUNTS = {"passed": 0, "failed": 0}


def check(sentence):
    """Runs a check at once; one that fails says why, and the others go on."""

    def run(act):
        try:
            act()
            COUNTS["passed"] += 1
            print(f"ok      {sentence}")
        except Exception as cause:  # whatever a client raises is told
            COUNTS["failed"] += 1
            print(f"FAILED  {sentence}: {type(cause).__name__}: {cause}")

    return run


FHIRPY = SyncFHIRClient(URL, authorization=AUTHORIZATION)


@check("fhirpy: what is saved is found, page by page")
def _():
    for given in ["Ana", "Eva", "Ida"]:
        FHIRPY.resource("Patient", name=[{"family": FAMILY, "given": [given]}], birthDate="1990-01-02").save()
    found = FHIRPY.resources("Patient").search(family=FAMILY).limit(1).fetch_all()
    assert len({one.id for one in found}) == 3, found
    assert FHIRPY.resources("Patient").search(family=FAMILY).count() == 3


@check("fhirpy: a change is a new version, a patch changes one thing")
def _():
    one = FHIRPY.resources("Patient").search(family=FAMILY, given="Ana").first()
    one["gender"] = "female"
    one.save()
    assert one["meta"]["versionId"] == "2", one["meta"]
    again = FHIRPY.reference("Patient", one.id).to_resource()
    assert again["gender"] == "female"


@check("fhirpy: chains and includes; a condition in the address is refused")
def _():
    one = FHIRPY.resources("Patient").search(family=FAMILY, given="Eva").first()
    measured = FHIRPY.resource("Observation", status="final", code={"coding": [{"system": "http://loinc.org", "code": "8302-2"}]}, subject=one.to_reference())
    measured.save()
    found = FHIRPY.resources("Observation").search(patient__family=FAMILY).include("Observation", "subject").fetch_raw()
    assert {entry["resource"]["resourceType"] for entry in found["entry"]} == {"Observation", "Patient"}
    # This client sends the condition in the address, which R4 does not know: it is refused, so that nobody is made twice.
    try:
        FHIRPY.resources("Patient").search(family=FAMILY, given="Eva").get_or_create(FHIRPY.resource("Patient", name=[{"family": FAMILY, "given": ["Eva"]}]))
        raise AssertionError("a condition in the address was passed over")
    except OperationOutcome as refusal:
        assert refusal.resource["issue"][0]["code"] == "not-supported", refusal.resource


@check("fhirpy: an operation answers and a refusal is understood")
def _():
    one = FHIRPY.resources("Patient").search(family=FAMILY, given="Eva").first()
    whole = one.execute("$everything", method="get")
    assert len(whole["entry"]) >= 2
    try:
        FHIRPY.resources("Patient").search(nonsense="1").fetch()
        raise AssertionError("an unknown parameter was taken")
    except OperationOutcome as refusal:
        assert refusal.resource["issue"][0]["code"] == "not-supported", refusal.resource


@check("fhirpy: what is deleted is gone")
def _():
    one = FHIRPY.resources("Patient").search(family=FAMILY, given="Ida").first()
    one.delete()
    try:
        FHIRPY.reference("Patient", one.id).to_resource()
        raise AssertionError("it is still there")
    except ResourceNotFound:
        pass
    except OperationOutcome:
        pass


SMART = client.FHIRClient(settings={"app_id": "carnet-tests", "api_base": URL})
# Carnet signs in by Basic so far; the client's own way is OAuth.
SMART.server.session.headers["Authorization"] = AUTHORIZATION


@check("fhirclient: what is created is read, changed and deleted")
def _():
    one = patient.Patient()
    one.name = [humanname.HumanName({"family": FAMILY, "given": ["Zoe"]})]
    made = one.create(SMART.server)
    read = patient.Patient.read(made["id"], SMART.server)
    assert read.name[0].given == ["Zoe"]
    read.active = True
    assert read.update(SMART.server)["meta"]["versionId"] == "2"
    read.delete()


@check("fhirclient: a search is a bundle of models")
def _():
    search = patient.Patient.where(struct={"family": FAMILY})
    found = search.perform(SMART.server)
    assert isinstance(found, bundles.Bundle) and found.type == "searchset"
    assert len(search.perform_resources(SMART.server)) == 2


print(f"{COUNTS['passed']} passed, {COUNTS['failed']} failed")
sys.exit(1 if COUNTS["failed"] else 0)

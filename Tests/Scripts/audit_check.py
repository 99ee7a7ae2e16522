"""Reads audit events in their three forms, written from DICOM PS3.15 A.5.1 and hl7.org/fhir/R4/auditevent.html, and compares them.

Standard input: for each event three lines: JSON line, DICOM audit message, FHIR AuditEvent. Prints the number of events.
"""
import base64
import json
import re
import sys
import xml.etree.ElementTree as ElementTree

from fhir.resources.R4B.auditevent import AuditEvent

# PS3.16 CID 400 to 403, as the standard words them.
DCM = {
    "110100": "Application Activity", "110106": "Export", "110107": "Import", "110110": "Patient Record", "110112": "Query",
    "110113": "Security Alert", "110114": "User Authentication", "110120": "Application Start", "110121": "Application Stop",
    "110122": "Login", "110123": "Logout", "110126": "Node Authentication", "110127": "Emergency Override Started",
    "110129": "Security Configuration", "110135": "Object Security Attributes Changed", "110137": "User Security Attributes Changed",
    "110150": "Application", "110152": "Destination Role ID", "110153": "Source Role ID",
}
# Event: EventID, EventTypeCode, EventActionCode.
EVENTS = {
    "server-started": ("110100", "110120", "E"), "server-stopped": ("110100", "110121", "E"),
    "configuration-reloaded": ("110113", "110129", "E"), "handshake-refused": ("110113", "110126", "E"),
    "login": ("110114", "110122", "E"), "login-refused": ("110114", "110122", "E"), "logout": ("110114", "110123", "E"),
    "stored": ("110107", None, "C"), "retrieved": ("110106", None, "R"), "listed": ("110112", None, "E"),
    "deleted": ("110110", None, "D"), "renamed": ("110110", None, "U"),
    "directory-created": ("110110", None, "C"), "directory-removed": ("110110", None, "D"), "facts-changed": ("110110", None, "U"),
    "header-changed": ("110113", "110135", "E"),
    "keys-registered": ("110113", "110137", "E"), "policy-set": ("110113", "110135", "E"),
    "authority-published": ("110113", "110137", "E"), "key-issued": ("110113", "110137", "E"),
    "emergency-access": ("110113", "110127", "E"), "emergency-grant-changed": ("110113", "110135", "E"),
    "account-added": ("110113", "110137", "E"), "password-set": ("110113", "110137", "E"),
    "account-disabled": ("110113", "110137", "E"), "account-enabled": ("110113", "110137", "E"),
    "account-changed": ("110113", "110137", "E"), "folder-changed": ("110113", "110135", "E"),
    "network-banned": ("110113", "110129", "E"), "ban-lifted": ("110113", "110129", "E"),
    "session-ended": ("110113", "110129", "E"),
    "folder-added": ("110113", "110135", "E"), "folder-removed": ("110113", "110135", "E"),
}
# Events whose owner is a user of the system (role 11); he is the patient (role 1) in the others.
ABOUT_USERS = {
    "keys-registered", "authority-published", "key-issued", "account-added", "password-set", "account-disabled", "account-enabled",
    "account-changed", "network-banned", "ban-lifted", "session-ended",
}
OUTCOMES = {"success": "0", "refused": "4", "failed": "8"}
DATE_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
HL7 = "http://terminology.hl7.org/CodeSystem/"


def expect(found, wanted, what):
    if found != wanted:
        raise SystemExit(f"{what}: {found!r}, not {wanted!r}")


def attributes(element, required, optional=()):
    missing = set(required) - set(element.attrib)
    unknown = set(element.attrib) - set(required) - set(optional)
    if missing or unknown:
        raise SystemExit(f"{element.tag}: missing {missing}, unknown {unknown}")


def children(element, pattern):
    """The element's children must match a regular expression over their names, each followed by a space."""
    names = "".join(f"{child.tag} " for child in element)
    if not re.fullmatch(pattern, names):
        raise SystemExit(f"{element.tag} holds {names}")


def coded(element):
    """CodedValueType: csd-code, codeSystemName, displayName?, originalText."""
    attributes(element, ("csd-code", "codeSystemName", "originalText"), ("displayName",))
    children(element, "")
    if element.get("codeSystemName") == "DCM":
        for name in ("displayName", "originalText"):
            expect(element.get(name), DCM[element.get("csd-code")], name)
    return element.get("codeSystemName"), element.get("csd-code")


def visible(text):
    """What XML cannot hold, as the server writes it."""
    if text is None:
        return None
    return re.sub("[\x00-\x1f\x7f-\x9f\ufffe\uffff]", lambda match: "\\u{%x}" % ord(match[0]), text)


def check_dicom(text, event):
    root = ElementTree.fromstring(text)
    expect(root.tag, "AuditMessage", "root")
    attributes(root, ())
    children(root, "EventIdentification (ActiveParticipant )+AuditSourceIdentification (ParticipantObjectIdentification )*")
    identification = root.find("EventIdentification")
    attributes(identification, ("EventDateTime", "EventOutcomeIndicator"), ("EventActionCode",))
    children(identification, "EventID (EventTypeCode )*(EventOutcomeDescription )?")
    event_id, event_type, action = EVENTS[event["event"]]
    expect(coded(identification.find("EventID")), ("DCM", event_id), "EventID")
    types = [coded(element) for element in identification.findall("EventTypeCode")]
    expect(types, ([("DCM", event_type)] if event_type else []) + [("phr", event["event"])], "EventTypeCode")
    expect(identification.get("EventActionCode"), action, "EventActionCode")
    expect(identification.get("EventDateTime"), event["time"], "EventDateTime")
    expect(identification.get("EventOutcomeIndicator"), OUTCOMES[event["outcome"]], "EventOutcomeIndicator")
    expect(identification.findtext("EventOutcomeDescription"), visible(event.get("reason")), "EventOutcomeDescription")

    participants = root.findall("ActiveParticipant")
    for participant in participants:
        attributes(participant, ("UserID", "UserIsRequestor"), ("AlternativeUserID", "UserName", "NetworkAccessPointID", "NetworkAccessPointTypeCode"))
        children(participant, "(RoleIDCode )*(MediaIdentifier )?")
        expect("NetworkAccessPointID" in participant.attrib, "NetworkAccessPointTypeCode" in participant.attrib, "NetworkAccessPoint")
        for role in participant.findall("RoleIDCode"):
            coded(role)
    expect([participant.get("UserIsRequestor") for participant in participants].count("true"), 1, "requestors")
    if "account" in event:
        expect(participants[0].get("UserID"), visible(event["account"]), "UserID")
    expect(participants[0].get("NetworkAccessPointID"), event.get("address"), "NetworkAccessPointID")
    if "address" in event:
        expect(participants[0].get("NetworkAccessPointTypeCode"), "2", "NetworkAccessPointTypeCode")

    source = root.find("AuditSourceIdentification")
    attributes(source, ("AuditSourceID",), ("AuditEnterpriseSiteID",))
    children(source, "(AuditSourceTypeCode )*")
    expect(source.get("AuditSourceID"), event["site"], "AuditSourceID")
    expect([code.attrib for code in source], [{"csd-code": "4"}], "AuditSourceTypeCode")

    objects = root.findall("ParticipantObjectIdentification")
    for item in objects:
        attributes(
            item, ("ParticipantObjectID", "ParticipantObjectTypeCode"),
            ("ParticipantObjectTypeCodeRole", "ParticipantObjectDataLifeCycle", "ParticipantObjectSensitivity"))
        children(item, "ParticipantObjectIDTypeCode ParticipantObjectName (ParticipantObjectDetail )*(ParticipantObjectDescription )*")
        coded(item.find("ParticipantObjectIDTypeCode"))
        if int(item.get("ParticipantObjectDataLifeCycle", "1")) not in range(1, 16):
            raise SystemExit("ParticipantObjectDataLifeCycle")
        for detail in item.findall("ParticipantObjectDetail"):
            attributes(detail, ("type", "value"))
            base64.b64decode(detail.get("value"), validate=True)
    role = "11" if event["event"] in ABOUT_USERS else "1"
    people = [item.get("ParticipantObjectID") for item in objects if item.get("ParticipantObjectTypeCodeRole") == role]
    expect(people, [visible(event["owner"])] if "owner" in event else [], "people")
    records = [item for item in objects if item.get("ParticipantObjectTypeCode") == "2"]
    expect(len(records), 1 if "path" in event or "record" in event else 0, "system objects")
    for record in records:
        if "path" in event:
            expect(record.findtext("ParticipantObjectName"), visible(event["path"]), "ParticipantObjectName")
        if "record" in event:
            expect(record.get("ParticipantObjectID"), "urn:phr:record:" + event["record"], "ParticipantObjectID")
        details = {item.get("type"): base64.b64decode(item.get("value")).decode() for item in record.findall("ParticipantObjectDetail")}
        wanted = {"target": "target", "version": "version", "bytes": "bytes", "ledger.index": "index", "count": "count"}
        expect(details, {name: str(event[key]) for name, key in wanted.items() if key in event}, "details")


def coding(value, systems):
    expect(set(value), {"system", "code", "display"}, "Coding")
    if value["system"] not in systems:
        raise SystemExit(f"unexpected system {value['system']}")
    if value["system"].endswith("/DCM"):
        expect(value["display"], DCM[value["code"]], "display")
    return value["code"]


def check_fhir(text, event):
    resource = json.loads(text)
    # The types, cardinalities and patterns of HL7's own definition.
    AuditEvent.model_validate_json(text)
    dicom = "http://dicom.nema.org/resources/ontology/DCM"
    known = {"resourceType", "type", "subtype", "action", "recorded", "outcome", "outcomeDesc", "agent", "source", "entity"}
    if set(resource) - known:
        raise SystemExit(f"unknown elements {set(resource) - known}")
    expect(resource["resourceType"], "AuditEvent", "resourceType")
    event_id, event_type, action = EVENTS[event["event"]]
    expect(coding(resource["type"], {dicom}), event_id, "type")
    subtypes = [coding(item, {dicom, "urn:phr:audit-event"}) for item in resource["subtype"]]
    expect(subtypes, ([event_type] if event_type else []) + [event["event"]], "subtype")
    expect(resource["action"], action, "action")
    expect(resource["recorded"], event["time"], "recorded")
    expect(resource["outcome"], OUTCOMES[event["outcome"]], "outcome")
    expect(resource.get("outcomeDesc"), visible(event.get("reason")), "outcomeDesc")
    agents = resource["agent"]
    for agent in agents:
        if set(agent) - {"type", "role", "who", "altId", "requestor", "network"} or not isinstance(agent["requestor"], bool):
            raise SystemExit("agent")
        for item in agent.get("type", {}).get("coding", []):
            coding(item, {dicom})
    expect([agent["requestor"] for agent in agents].count(True), 1, "requestors")
    expect(agents[0].get("altId"), visible(event.get("account")), "altId")
    expect(agents[0].get("network"), {"address": event["address"], "type": "2"} if "address" in event else None, "network")
    source = resource["source"]
    expect(source["observer"]["display"], event["site"], "observer")
    expect([coding(item, {HL7 + "security-source-type"}) for item in source["type"]], ["4"], "source.type")
    entities = resource.get("entity", [])
    for entity in entities:
        coding(entity["type"], {HL7 + "audit-entity-type"})
        coding(entity["role"], {HL7 + "object-role"})
        if "lifecycle" in entity:
            coding(entity["lifecycle"], {HL7 + "dicom-audit-lifecycle"})
        for detail in entity.get("detail", []):
            expect(set(detail), {"type", "valueString"}, "detail")
    role = "11" if event["event"] in ABOUT_USERS else "1"
    people = [entity["what"]["identifier"]["value"] for entity in entities if entity["role"]["code"] == role]
    expect(people, [visible(event["owner"])] if "owner" in event else [], "people")
    objects = [entity for entity in entities if entity["type"]["code"] == "2"]
    expect(len(objects), 1 if "path" in event or "record" in event else 0, "objects")
    for entity in objects:
        expect(entity.get("name"), visible(event.get("path")), "name")


def main():
    lines = sys.stdin.buffer.read().split(b"\n")
    expect(lines.pop(), b"", "what follows the last line")
    expect(len(lines) % 3, 0, "lines")
    seen = set()
    for index in range(0, len(lines), 3):
        for line in lines[index:index + 3]:
            if any(byte < 0x20 or byte > 0x7e for byte in line):
                raise SystemExit("a byte that is not printable ASCII")
        event = json.loads(lines[index])
        if not DATE_TIME.fullmatch(event["time"]):
            raise SystemExit("time")
        check_dicom(lines[index + 1].decode("ascii"), event)
        check_fhir(lines[index + 2].decode("ascii"), event)
        seen.add(event["event"])
    expect(seen, set(EVENTS), "kinds of events")
    print(len(lines) // 3)


main()
